"""Outputs that do not depend on the input, in the linear form: what the cheapest baselines share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headstart.core.learning import Fitted, Floats, Ints, Targets


def solve_constant(
    name: str,
    constant: Callable[[Targets, Floats], Floats],
    features: Floats,
    targets: Targets,
    folds: Ints,
    row_weights: Floats,
) -> tuple[Fitted, Floats]:
    """The fitted model and its out-of-fold outputs ``(N, W)``.

    Args:
        name: Of the method.
        constant: Outputs ``(W,)`` from the targets and weights of some rows.
        features: ``(N, D)``, of which only the shape counts.
        targets: Of N rows.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT.
        row_weights: ``(N,)``.
    """
    n, d = features.shape
    out_of_fold = np.full((n, targets.width), np.nan)
    for fold in np.unique(folds[folds >= 0]):
        seen = folds != fold
        if row_weights[seen].sum() > 0:
            out_of_fold[~seen] = constant(targets.take(seen), row_weights[seen])
    bias = constant(targets, row_weights)
    arrays = {"weight": np.zeros((targets.width, d), np.float32), "bias": bias.astype(np.float32)}
    return Fitted(arrays, {"method": name, "form": "linear"}), out_of_fold
