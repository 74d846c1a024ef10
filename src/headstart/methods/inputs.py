"""What every solver may assume about its input, checked once and early."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from scipy.sparse import issparse

from headstart.core.errors import DataError, ShapeError, choice_message
from headstart.core.learning import NEVER_HELD_OUT, Floats, Ints, TargetKind, Targets

if TYPE_CHECKING:
    from torch import Tensor

BLOCK_BYTES = 1 << 24  # features looked at together, so that checking copies little
ALL_KINDS: frozenset[str] = frozenset(get_args(TargetKind))


def check_inputs(
    features: Floats,
    targets: Targets,
    folds: Ints,
    weights: Floats | None,
    *,
    kinds: frozenset[str] = ALL_KINDS,
    takes_sparse: bool = False,
    takes_missing: bool = False,
) -> Floats:
    """Check shapes and values; returns the weights as float64 ``(N,)``, ones where none are given.

    Args:
        features: ``(N, D)``, dense, or ``scipy.sparse.csr_array`` where the method takes it.
        targets: Of N examples.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT.
        weights: ``(N,)`` or None.
        kinds: Kinds of targets that the method solves for.
        takes_sparse: Whether sparse features are welcome.
        takes_missing: Whether NaN stands for a missing value.

    Raises:
        ShapeError: features are not ``(N, D)`` with N and D above 0, or N differs between the arrays.
        DataError: features or weights that are not finite, weights below 0 or all 0, targets of another kind or
            outside their range, fold numbers below NEVER_HELD_OUT, sparse features for a method that takes none.
    """
    if issparse(features) and not takes_sparse:
        raise DataError("this method takes dense features; got a sparse matrix. Use sparse_linear for those.")
    if features.ndim != 2 or 0 in features.shape:
        raise ShapeError(f"features must be (N, D) with N and D above 0; got shape {features.shape}.")
    n = features.shape[0]
    given = {"folds": folds, "weights": weights}
    wrong = {name: array.shape for name, array in given.items() if array is not None and array.shape != (n,)}
    if targets.values.shape[:1] != (n,):
        wrong = {"targets": targets.values.shape, **wrong}
    if wrong:
        raise ShapeError(f"targets, folds and weights must have one entry for each of {n} rows; got shapes {wrong}.")
    _check_targets(targets, kinds)
    if folds.min() < NEVER_HELD_OUT:
        raise DataError(f"fold numbers must be 0 or more, or {NEVER_HELD_OUT} (never held out); got {folds.min()}.")
    _check_finite(features, takes_missing)
    return _check_weights(weights, n)


def as_tensor(features: Floats) -> Tensor:
    """The same memory and shape as a torch tensor where it can be shared; never written to."""
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # a memory map may be
        return torch.from_numpy(np.ascontiguousarray(features))


def _check_targets(targets: Targets, kinds: frozenset[str]) -> None:
    values, width = targets.values, targets.width
    if targets.kind not in kinds:
        message = choice_message("the kind of targets of this method", targets.kind, kinds)
        raise DataError(f"{message} Use another method.")
    shape = (len(values), width) if targets.kind == "multilabel" else (len(values),)
    if values.shape != shape or (targets.kind == "real" and width != 1):
        raise ShapeError(f"targets of kind {targets.kind!r} must be {shape}; got {values.shape}, width {width}.")
    if targets.kind in ("class", "ordinal"):
        if values.min() < 0 or values.max() >= width:
            raise DataError(
                f"class numbers must lie in 0..{width - 1}; got {values.min()}..{values.max()}. "
                "Encode the targets with the task."
            )
    elif targets.kind == "multilabel":
        if not np.isin(values, (0, 1)).all():
            raise DataError("labels must be 0 or 1; got other numbers. Encode the targets with the task.")
    elif not np.isfinite(values).all():
        raise DataError("targets must be finite numbers; some are NaN or infinite. Leave those rows out.")


def _check_finite(features: Any, takes_missing: bool) -> None:
    if issparse(features):
        bad = len(np.unique(features.nonzero()[0][~np.isfinite(features.data[features.data != 0])]))
    else:
        rows = max(1, BLOCK_BYTES // (features.shape[1] * features.itemsize))
        bad = 0
        for start in range(0, len(features), rows):
            block = features[start : start + rows]
            wrong = np.isinf(block) if takes_missing else ~np.isfinite(block)
            bad += int(wrong.any(axis=1).sum())
    if bad:
        raise DataError(
            f"features must be finite numbers; {bad} of {features.shape[0]} rows hold "
            f"{'infinity' if takes_missing else 'NaN or infinity'}. "
            "Leave those rows out, or compute the features again in float32."
        )


def _check_weights(weights: Floats | None, n: int) -> Floats:
    if weights is None:
        return np.ones(n)
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() <= 0:
        raise DataError("weights must be finite, 0 or more, and not all 0. Leave them out to count all rows alike.")
    return weights.astype(np.float64)
