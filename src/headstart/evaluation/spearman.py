"""Spearman's rank correlation and its interval: whether larger predictions go with larger values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import TAIL
from headstart.evaluation.ranking import midranks

Floats = NDArray[np.float64]


def spearman(truth: NDArray[Any], predicted: NDArray[Any]) -> float | None:
    """Correlation of the ranks of ``(N,)`` numbers, ties sharing theirs; None where one side is all the same."""
    a, b = _shares(truth), _shares(predicted)
    size = float(np.sqrt(a.var() * b.var()))
    return float(np.clip(((a - 0.5) * (b - 0.5)).mean() / size, -1, 1)) if size > 0 else None


def spearman_interval(truth: NDArray[Any], predicted: NDArray[Any]) -> tuple[float, float] | None:
    """Fisher's z with the larger of two variances; None below 4 examples ``(N,)``, or where the correlation is None.

    One is ``(1 + r^2 / 2) / (n - 3)`` (Bonett & Wright, Psychometrika 2000), which holds for normal data. The other
    comes from the influence of each example on the correlation, which sees that errors grow with the value, say.
    """
    from scipy.special import ndtri, stdtrit

    value, n = spearman(truth, predicted), len(truth)
    if value is None or n < 4:
        return None
    inside = float(np.clip(value, -1 + 1e-12, 1 - 1e-12))
    normal = float(ndtri(1 - TAIL)) * np.sqrt((1 + value**2 / 2) / (n - 3))
    seen = float(stdtrit(n - 1, 1 - TAIL)) * _influence(truth, predicted, inside).std() / np.sqrt(n) / (1 - inside**2)
    z, reach = np.arctanh(inside), min(max(normal, seen), 100.0)
    return float(min(np.tanh(z - reach), value)), float(max(np.tanh(z + reach), value))


def _influence(truth: NDArray[Any], predicted: NDArray[Any], value: float) -> Floats:
    """``(N,)``: how far the correlation moves per unit weight of each example; moving all ranks is part of it."""
    a, b = _shares(truth), _shares(predicted)
    product = (a - 0.5) * (b - 0.5) + _mean_above(truth, b - 0.5) + _mean_above(predicted, a - 0.5)
    spread = sum(((s - 0.5) ** 2 + 2 * _mean_above(x, s - 0.5)) / s.var() for x, s in ((truth, a), (predicted, b)))
    return np.asarray(product / np.sqrt(a.var() * b.var()) - value * spread / 2, dtype=np.float64)


def _shares(values: NDArray[Any]) -> Floats:
    """Share of the examples below each, ties counting half, in 0-1."""
    return (midranks(np.asarray(values, dtype=np.float64)) - 0.5) / len(values)


def _mean_above(values: NDArray[Any], weights: Floats) -> Floats:
    """For each example, the mean over all of ``weights`` where ``values`` are larger; equal ones count half."""
    _, place = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
    sums = np.bincount(place, weights=weights)
    above = sums.sum() - np.cumsum(sums)
    return np.asarray((above + sums / 2)[place] / len(weights), dtype=np.float64)
