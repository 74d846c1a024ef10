"""The form "linear": logits as one weight matrix and one intercept on raw features, in NumPy alone."""

from __future__ import annotations

import numpy as np

from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats

BLOCK = 32  # rows multiplied at a time


def linear_logits(fitted: Fitted, features: Floats) -> Floats:
    """``features @ weight.T + bias``, ``(N, K)`` float64.

    Summed in float64: weights on raw features and the intercept nearly cancel where a feature's mean is large
    against its spread, and float32 sums would show it.

    Raises:
        ShapeError: ``features`` is not ``(N, D)`` with the D the model was fitted on.
    """
    weight, bias = fitted.arrays["weight"], fitted.arrays["bias"]
    if features.ndim != 2 or features.shape[1] != weight.shape[1]:
        raise ShapeError(f"features must be (N, {weight.shape[1]}), as in training; got shape {features.shape}.")
    # One shape for every product, the last one filled with zeros: BLAS sums in another order for other shapes, and a
    # row's logits must not depend, not even in the last bit, on the rows that happen to be predicted beside it.
    across = np.ascontiguousarray(weight.T, np.float64)
    logits = np.empty((len(features), len(weight)), np.float64)
    block = np.zeros((BLOCK, features.shape[1]))
    for start in range(0, len(features), BLOCK):
        rows = features[start : start + BLOCK]
        block[: len(rows)] = rows
        block[len(rows) :] = 0.0
        logits[start : start + len(rows)] = (block @ across)[: len(rows)]
    logits += bias
    return logits
