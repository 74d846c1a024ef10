"""Out-of-fold outputs of linear probes trained on fewer rows: what a learning curve is drawn from.

For each fold the rows outside it are put in one stratified random order; a size n means the first n of them, so the
subsets are nested and each class, label or band of numbers is there from the start. All folds of a size are solved
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Floats, Ints, Targets
from headstart.methods.fixed_penalty import solve_at_penalty
from headstart.methods.inputs import check_inputs
from headstart.methods.stratified_order import strata_of, stratified_order
from headstart.methods.threads import torch_threads

TOLERANCE = 1e-4  # nats per row: far below what a fold's sampling moves
NEARLY_ALL = 0.9  # of the rows, beyond which a little idle arithmetic costs less than a copy
Models = tuple[Floats, Floats]  # weights (F, W, D) and intercepts (F, W) of the folds, for raw features


@dataclass(frozen=True)
class CurvePoint:
    """One training size.

    Attributes:
        n: Rows that a fold's model was trained on, the mean over folds.
        out_of_fold: ``(N, W)`` float32 outputs, each row from the model of the fold that held it out; NaN for rows
            never held out.
    """

    n: int
    out_of_fold: Floats


def learning_curve(
    features: Floats,
    targets: Targets,
    folds: Ints,
    sizes: Sequence[int],
    penalty: float,
    rng: np.random.Generator,
    weights: Floats | None = None,
    least_spread: float = 0.1,
    threads: int = 1,
    of_folds: Mapping[str, Floats] | None = None,
) -> list[CurvePoint]:
    """A point per size, ascending; a fold with fewer rows outside it than a size gives all of them.

    Sizes are solved from the largest down, each from where the one before ended: subsets are nested, so no model has
    seen a row that its fold holds out.

    Args:
        features: ``(N, D)``, dense: sparse ones are refused.
        targets: Of any kind.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT; rows never held out may be trained on by each fold.
        sizes: Training rows per fold, each 1 or more.
        penalty: On half the squared weights, against the summed loss (of numbers half the sum of squares), at every
            size: a prior belief about the weights does not change with the number of rows.
        rng: Draws the order of rows.
        weights: ``(N,)`` row weights.
        least_spread: As the linear probe's.
        threads: Torch threads.
        of_folds: Models of the same folds on all their rows (``Solution.of_folds``), where the largest size begins.
    """
    row_weights = check_inputs(features, targets, folds, weights)
    rank = rng.permutation(len(features))
    orders: dict[int, Ints] = {}
    for fold in np.unique(folds[folds >= 0]):
        outside = np.flatnonzero((folds != fold) & (row_weights > 0))
        if len(outside):
            orders[int(fold)] = outside[stratified_order(strata_of(targets.take(outside)), rank[outside])]
    if not orders:
        return []
    models = None if of_folds is None else (of_folds["weight"], of_folds["bias"])
    points: list[CurvePoint] = []
    for n in sorted(sizes, reverse=True):
        subsets = {fold: order[:n] for fold, order in orders.items()}
        with torch_threads(threads):
            models = _solve_size(features, targets, subsets, penalty, row_weights, least_spread, models)
        mean = round(sum(len(rows) for rows in subsets.values()) / len(subsets))
        points.append(CurvePoint(mean, _held_out(features, targets.width, folds, subsets, models)))
    return points[::-1]


def _solve_size(
    features: Floats,
    targets: Targets,
    subsets: dict[int, Ints],
    penalty: float,
    row_weights: Floats,
    least_spread: float,
    start: Models | None,
) -> Models:
    used = np.unique(np.concatenate([*subsets.values()]))
    if len(used) > NEARLY_ALL * len(features):
        used = np.arange(len(features))
    chosen = features if len(used) == len(features) else features[used]
    training = np.zeros((len(subsets), len(used)))
    for index, rows in enumerate(subsets.values()):
        there = np.searchsorted(used, rows)
        training[index, there] = row_weights[rows]
    return solve_at_penalty(chosen, targets.take(used), training, penalty, least_spread, TOLERANCE, start)


def _held_out(features: Floats, width: int, folds: Ints, subsets: dict[int, Ints], models: Models) -> Floats:
    weight, bias = models
    out_of_fold = np.full((len(features), width), np.nan, np.float32)
    for index, fold in enumerate(subsets):
        held_out = folds == fold
        out_of_fold[held_out] = features[held_out] @ weight[index].T + bias[index]
    return out_of_fold
