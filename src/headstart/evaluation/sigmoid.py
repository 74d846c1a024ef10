"""One logit per label to probabilities, stable for logits of any finite size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sigmoid(logits: NDArray[Any]) -> Floats:
    """Probabilities in float64, same shape.

    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    z = np.asarray(logits, dtype=np.float64)
    smaller = np.exp(-np.abs(z))  # never overflows
    return np.asarray(np.where(z >= 0, 1.0, smaller) / (1 + smaller), dtype=np.float64)


def binary_log_loss(is_positive: NDArray[Any], logits: NDArray[Any]) -> Floats:
    """``-log p`` of what is true, natural logarithm, >= 0, for labels and logits of one shape."""
    z = np.asarray(logits, dtype=np.float64)
    wrong_way = np.where(np.asarray(is_positive) > 0, -z, z)
    return np.asarray(np.maximum(wrong_way, 0) + np.log1p(np.exp(-np.abs(z))), dtype=np.float64)
