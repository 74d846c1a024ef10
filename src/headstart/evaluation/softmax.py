"""Logits to probabilities, stable for logits of any finite size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_softmax(logits: NDArray[Any]) -> Floats:
    """``(N, K)`` log-probabilities in float64; a constant added to a row changes nothing."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float64)


def softmax(logits: NDArray[Any]) -> Floats:
    """``(N, K)`` probabilities in float64; rows sum to 1."""
    return np.exp(log_softmax(logits))
