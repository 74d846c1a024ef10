r"""Blend: the weighted mean of a linear model's outputs and boosted trees', its one weight found on held-out rows.

.. math:: z = (1 - a) \, z_{\text{linear}} + a \, z_{\text{trees}}, \qquad a \in \{0, 1/20, \dots, 1\}

Wolpert, Neural Networks 5, 1992 (stacking: combine models by outputs for rows that they did not learn from);
Breiman, Machine Learning 24, 1996 (weights of 0 or more that sum to 1). A mean of logits is the normalised geometric
mean of probabilities; numbers are averaged as they are. The two parts err differently, one where effects add up, the
other where they depend on each other, so a mean loses less than either.

One weight is little to learn, but it is learned: the out-of-fold outputs of a fold are mixed with the weight that is
best for the rows of all other folds, so that a guard may compare them with those of models that chose nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Solution, SolveMethod, Targets
from headstart.core.plugins import Plugin
from headstart.methods.boosting import Boosting, BoostingConfig
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from headstart.methods.row_losses import row_losses

STEPS = 20  # weights that are tried are multiples of 1 / STEPS
EQUAL = 0.5  # the weight where no row can be held out to choose by
LINEAR, TREES = "linear", "trees"


class BlendConfig(Config):
    """Settings of the two parts, and which features each of them sees."""

    trees_see: int = Field(
        0,
        ge=0,
        description="The last so many features are the trees', the others the linear model's; 0: all are both's.",
    )
    linear: LinearProbeConfig = Field(LinearProbeConfig(), description="Settings of the linear model.")
    trees: BoostingConfig = Field(BoostingConfig(), description="Settings of the boosted trees.")


class Blend:
    """A linear model and boosted trees; among the trees' own features NaN stands for a missing value."""

    def __init__(self, config: BlendConfig) -> None:
        self.config = config

    def parts(self) -> dict[str, SolveMethod]:
        """The two methods, by name."""
        return {LINEAR: LinearProbe(self.config.linear), TREES: Boosting(self.config.trees)}

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; ``rng`` seeds the trees."""
        row_weights = check_inputs(features, targets, folds, weights, takes_missing=True)
        for_linear, for_trees = parted(features, self.config.trees_see)
        parts = self.parts()
        linear = parts[LINEAR].fit(for_linear, targets, folds, rng, row_weights)
        trees = parts[TREES].fit(for_trees, targets, folds, rng, row_weights)
        return self.join(linear, trees, targets, folds, row_weights)

    def join(
        self, linear: Solution, trees: Solution, targets: Targets, folds: Ints, weights: Floats | None = None
    ) -> Solution:
        """The blend of two models that are solved already, on the same rows and folds: all that is left is a weight.

        Args:
            linear: As :class:`LinearProbe` solves it.
            trees: As :class:`Boosting` solves them.
            targets: Of the N rows.
            folds: ``(N,)`` as both were given.
            weights: ``(N,)`` or None, as both were given.
        """
        parts = linear.out_of_fold, trees.out_of_fold
        row_weights = np.ones(len(targets)) if weights is None else np.asarray(weights, np.float64)
        weight, out_of_fold, report = chosen_mix(*parts, targets, folds, row_weights)
        spec = {
            "method": "blend",
            "form": "blend",
            "weight": weight,
            "trees_see": self.config.trees_see,
            "width": linear.fitted.arrays["weight"].shape[1],
            "parts": {LINEAR: dict(linear.fitted.spec), TREES: dict(trees.fitted.spec)},
        }
        arrays = {**_named(LINEAR, linear.fitted), **_named(TREES, trees.fitted)}
        return Solution(Fitted(arrays, spec), out_of_fold, {**report, LINEAR: linear.report, TREES: trees.report})

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        see, width = int(fitted.spec["trees_see"]), int(fitted.spec["width"])
        if features.ndim != 2 or features.shape[1] != width + see:
            raise ShapeError(f"features must be (N, {width + see}), as in training; got shape {features.shape}.")
        for_linear, for_trees = parted(features, see)
        parts = self.parts()
        linear = parts[LINEAR].predict(_part(fitted, LINEAR), for_linear)
        trees = parts[TREES].predict(_part(fitted, TREES), for_trees)
        return mixed(float(fitted.spec["weight"]), linear, trees)


def parted(features: Floats, trees_see: int) -> tuple[Floats, Floats]:
    """The linear model's features and the trees': the last ``trees_see`` of ``(N, D)``; 0: all are both's."""
    if not trees_see:
        return features, features
    if trees_see >= features.shape[1]:
        raise ShapeError(
            f"trees_see must leave the linear model a feature; it is {trees_see} of {features.shape[1]}. "
            "Take boosting alone."
        )
    return features[:, :-trees_see], features[:, -trees_see:]


def mixed(weight: float, linear: Floats, trees: Floats) -> Floats:
    """``(1 - weight) * linear + weight * trees``, of outputs ``(N, W)``.

    >>> mixed(0.25, np.array([[0.0, 2.0]]), np.array([[4.0, -2.0]]))
    array([[1., 1.]])
    """
    return (1 - weight) * linear + weight * trees


def chosen_mix(
    linear: Floats, trees: Floats, targets: Targets, folds: Ints, weights: Floats
) -> tuple[float, Floats, dict[str, Any]]:
    """The weight of the trees, honest out-of-fold outputs, and what was tried.

    Args:
        linear: ``(N, W)`` out-of-fold outputs, NaN where a row was never held out.
        trees: The same of the trees.
        targets: Of the N rows.
        folds: ``(N,)`` fold numbers.
        weights: ``(N,)`` of the rows.

    Returns:
        The weight of smallest mean loss over all held-out rows, of equal ones the smallest; ``(N, W)`` outputs, those
        of a fold mixed with the weight that is best for the other folds; a report as JSON.
    """
    out_of_fold = np.full(linear.shape, np.nan)
    known = np.flatnonzero(np.isfinite(linear).all(axis=1) & np.isfinite(trees).all(axis=1))
    if not weights[known].sum() > 0:
        return EQUAL, out_of_fold, {"weight": EQUAL, "reason": "no row could be held out: both parts count alike"}
    tried = np.arange(STEPS + 1) / STEPS
    held_out, own_fold, each = targets.take(known), folds[known], weights[known]
    losses = np.stack([row_losses(held_out, mixed(a, linear[known], trees[known])) for a in tried])  # (STEPS + 1, n)
    by_fold = {}
    for fold in np.unique(own_fold):
        others = np.where(own_fold == fold, 0.0, each)
        weight = _best(tried, losses, others)
        by_fold[int(fold)] = weight
        rows = known[own_fold == fold]
        out_of_fold[rows] = mixed(weight, linear[rows], trees[rows])
    weight = _best(tried, losses, each)
    means = losses @ each / each.sum()
    path = [{"weight": float(a), "loss": float(loss)} for a, loss in zip(tried, means, strict=True)]
    return weight, out_of_fold, {"weight": weight, "by_fold": list(by_fold.values()), "path": path}


def _best(tried: Floats, losses: Floats, weights: Floats) -> float:
    """The one of smallest loss; where nothing weighs anything, both parts count alike."""
    return float(tried[np.argmin(losses @ weights)]) if weights.sum() > 0 else EQUAL


def _named(part: str, fitted: Fitted) -> dict[str, Any]:
    return {f"{part}.{name}": array for name, array in fitted.arrays.items()}


def _part(fitted: Fitted, part: str) -> Fitted:
    arrays = {name.partition(".")[2]: array for name, array in fitted.arrays.items() if name.startswith(f"{part}.")}
    return Fitted(arrays, fitted.spec["parts"][part])


PLUGIN = Plugin(
    build=Blend,
    title="Linear model and boosted trees, averaged",
    config=BlendConfig,
    kind="solve",
    paper="doi:10.1016/S0893-6080(05)80023-1",
    targets=ALL_KINDS,
    extra="tables",
)
