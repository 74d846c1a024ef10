"""Spearman's rank correlation and its interval: whether larger predictions go with larger values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import TAIL
from headstart.evaluation.ranking import midranks


def spearman(truth: NDArray[Any], predicted: NDArray[Any]) -> float | None:
    """Correlation of the ranks, ties sharing their mean rank; None where one side is all the same."""
    a, b = midranks(np.asarray(truth, float)), midranks(np.asarray(predicted, float))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float(np.clip((a * b).sum() / size, -1, 1)) if size > 0 else None


def spearman_interval(correlation: float, n: int) -> tuple[float, float] | None:
    """Fisher's z with the variance ``(1 + r^2 / 2) / (n - 3)``; None below n = 4.

    Bonett & Wright, Psychometrika 2000.
    """
    from scipy.special import ndtri

    if n < 4:
        return None
    inside = float(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    reach = float(ndtri(1 - TAIL)) * np.sqrt((1 + correlation**2 / 2) / (n - 3))
    z = np.arctanh(inside)
    return float(min(np.tanh(z - reach), correlation)), float(max(np.tanh(z + reach), correlation))
