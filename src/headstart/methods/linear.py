"""The form "linear": outputs as one weight matrix and one intercept on raw features, in NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats

BLOCK = 32  # rows multiplied at a time


def check_width(fitted: Fitted, features: Floats) -> None:
    """Raise ShapeError unless ``features`` is ``(N, D)`` with the D of ``weight`` ``(W, D)``."""
    width = fitted.arrays["weight"].shape[1]
    if features.ndim != 2 or features.shape[1] != width:
        raise ShapeError(f"features must be (N, {width}), as in training; got shape {features.shape}.")


def linear_outputs(fitted: Fitted, features: Floats) -> Floats:
    """``features @ weight.T + bias``, ``(N, W)`` float64, of dense or sparse features.

    Summed in float64: weights on raw features and the intercept nearly cancel where a feature's mean is large
    against its spread, and float32 sums would show it.

    Raises:
        ShapeError: ``features`` is not ``(N, D)`` with the D the model was fitted on.
    """
    check_width(fitted, features)
    weight, bias = fitted.arrays["weight"], fitted.arrays["bias"]
    outputs = _of_sparse(features, weight) if issparse(features) else _of_dense(features, weight)
    outputs += bias
    return outputs


def _of_sparse(features: Any, weight: Floats) -> Floats:
    used, columns = np.unique(features.indices, return_inverse=True)  # of one text few of many thousand columns
    parts = features.data.astype(np.float64), columns, features.indptr
    narrow = csr_array(parts, shape=(features.shape[0], len(used)))
    outputs: Floats = narrow @ np.ascontiguousarray(weight[:, used].T, np.float64)
    return outputs


def _of_dense(features: Floats, weight: Floats) -> Floats:
    # One shape for every product, the last one filled with zeros: BLAS sums in another order for other shapes, and a
    # row's outputs must not depend, not even in the last bit, on the rows that happen to be predicted beside it.
    across = np.ascontiguousarray(weight.T, np.float64)
    outputs = np.empty((len(features), len(weight)), np.float64)
    block = np.zeros((BLOCK, features.shape[1]))
    for start in range(0, len(features), BLOCK):
        rows = features[start : start + BLOCK]
        block[: len(rows)] = rows
        block[len(rows) :] = 0.0
        outputs[start : start + len(rows)] = (block @ across)[: len(rows)]
    return outputs
