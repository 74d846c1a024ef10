"""What every solver may assume about its input, checked once and early."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import NEVER_HELD_OUT, Floats, Ints, Targets

if TYPE_CHECKING:
    from torch import Tensor

BLOCK_BYTES = 1 << 24  # features looked at together, so that checking copies little


def check_inputs(features: Floats, targets: Targets, folds: Ints, weights: Floats | None) -> Floats:
    """Check shapes and values; returns the weights as float64 ``(N,)``, ones where none are given.

    Raises:
        ShapeError: features are not ``(N, D)`` with N and D above 0, or N differs between the arrays.
        DataError: features or weights that are not finite, weights below 0 or all 0, targets outside
            0..width-1, fold numbers below NEVER_HELD_OUT.
    """
    if features.ndim != 2 or 0 in features.shape:
        raise ShapeError(f"features must be (N, D) with N and D above 0; got shape {features.shape}.")
    n = len(features)
    given = {"targets": targets.values, "folds": folds, "weights": weights}
    wrong = {name: array.shape for name, array in given.items() if array is not None and array.shape != (n,)}
    if wrong:
        raise ShapeError(f"targets, folds and weights must have one entry for each of {n} rows; got shapes {wrong}.")
    if targets.kind != "class":
        raise DataError(f"this method solves for classes; got targets of kind {targets.kind!r}. Use another method.")
    if targets.values.min() < 0 or targets.values.max() >= targets.width:
        raise DataError(
            f"class numbers must lie in 0..{targets.width - 1}; "
            f"got {targets.values.min()}..{targets.values.max()}. Encode the targets with the task."
        )
    if folds.min() < NEVER_HELD_OUT:
        raise DataError(f"fold numbers must be 0 or more, or {NEVER_HELD_OUT} (never held out); got {folds.min()}.")
    _check_finite(features)
    return _check_weights(weights, n)


def as_tensor(features: Floats) -> Tensor:
    """The same memory as a torch tensor where it can be shared; never written to."""
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # a memory map may be
        return torch.from_numpy(np.ascontiguousarray(features))


def _check_finite(features: Floats) -> None:
    rows = max(1, BLOCK_BYTES // (features.shape[1] * features.itemsize))
    bad = 0
    for start in range(0, len(features), rows):
        bad += int((~np.isfinite(features[start : start + rows]).all(axis=1)).sum())
    if bad:
        raise DataError(
            f"features must be finite numbers; {bad} of {len(features)} rows hold NaN or infinity. "
            "Leave those rows out, or compute the features again in float32."
        )


def _check_weights(weights: Floats | None, n: int) -> Floats:
    if weights is None:
        return np.ones(n)
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() <= 0:
        raise DataError("weights must be finite, 0 or more, and not all 0. Leave them out to count all rows alike.")
    return weights.astype(np.float64)
