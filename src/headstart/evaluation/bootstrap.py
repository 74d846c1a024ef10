r"""Intervals of statistics that are functions of means over examples: the bias-corrected and accelerated bootstrap.

Efron, JASA 1987. Examples are drawn again with replacement; the percentiles that are read off the drawn statistics are
moved by the bias :math:`z_0` (how far the statistic lies from the median of the drawn ones) and by the acceleration
:math:`a` (how its spread changes with its value, from the jackknife). benchmarks/intervals.py has the coverage of each
metric that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import TAIL

Floats = NDArray[np.float64]
Statistics = Callable[[Floats], Floats]
DRAWS = 1000  # 25 of them lie beyond each limit
BLOCK = 4_000_000  # draws times examples held at once: 32 MB


def bca_intervals(
    columns: NDArray[Any], of_means: Statistics, rng: np.random.Generator, draws: int = DRAWS
) -> list[tuple[float, float] | None]:
    """One interval for each of S statistics of the same examples.

    Args:
        columns: ``(N, m)`` what is averaged over the examples.
        of_means: From means ``(..., m)`` to statistics ``(..., S)``.
        rng: Draws the examples; the only source of chance.
        draws: Number of samples drawn.

    Returns:
        ``(low, high)`` by statistic; None where fewer than two examples, or no spread between them, leave it open.
    """
    x = np.asarray(columns, dtype=np.float64)
    n = len(x)
    value = of_means(x.mean(axis=0))
    if n < 2:
        return [None] * len(value)
    without_one = of_means((x.sum(axis=0) - x) / (n - 1))  # (N, S)
    drawn = np.concatenate([of_means(means) for means in resampled_means(x, rng, draws)])  # (draws, S)
    return [_bca(float(value[s]), drawn[:, s], without_one[:, s]) for s in range(len(value))]


def resampled_means(x: Floats, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Means ``(b, m)`` over examples drawn with replacement, in blocks that together make ``draws``."""
    n = len(x)
    block = max(1, BLOCK // n)
    for start in range(0, draws, block):
        size = min(block, draws - start)
        places = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
        counts = np.bincount(places.ravel(), minlength=size * n).reshape(size, n)
        yield counts.astype(np.float64) @ x / n


def _bca(value: float, drawn: Floats, without_one: Floats) -> tuple[float, float] | None:
    from scipy.special import ndtr, ndtri

    gaps = without_one.mean() - without_one
    squares = float((gaps**2).sum())
    if not np.isfinite(value) or not np.isfinite(drawn).all() or squares <= 1e-24 * max(value**2, 1e-24):
        return None
    below = ((drawn < value).sum() + 0.5 * (drawn == value).sum()) / len(drawn)
    if not 0 < below < 1:
        return None
    acceleration = float((gaps**3).sum()) / (6 * squares**1.5)
    bias = float(ndtri(below))
    edges = bias + ndtri(np.array([TAIL, 1 - TAIL]))
    moved = ndtr(bias + edges / np.maximum(1 - acceleration * edges, 1e-3))
    low, high = np.quantile(drawn, moved)
    return float(min(low, value)), float(max(high, value))
