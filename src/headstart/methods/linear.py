"""The form "linear": logits as one weight matrix and one intercept on raw features, in NumPy alone."""

from __future__ import annotations

import numpy as np

from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats

BLOCK = 4096  # rows turned to float64 at a time


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
    across = weight.T.astype(np.float64)
    logits = np.empty((len(features), len(weight)), np.float64)
    for start in range(0, len(features), BLOCK):
        logits[start : start + BLOCK] = features[start : start + BLOCK].astype(np.float64) @ across
    logits += bias
    return logits
