"""Whether the shares of several classes differ between two samples: exact, by permutation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Floats = NDArray[np.float64]
ENOUGH = 20  # permutations at least as far out, after which the p-value is known well enough
BATCHES = (100, 900, 9_000, 30_000)


def share_distance(reference: NDArray[Any], window: NDArray[Any]) -> float:
    """Total variation (0-1) between the shares of counts ``(K,)``: the share of examples that would have to change.

    >>> share_distance(np.array([5, 5]), np.array([8, 2]))
    0.3
    """
    first, second = np.asarray(reference, np.float64), np.asarray(window, np.float64)
    if not first.sum() or not second.sum():
        return 0.0
    return round(float(np.abs(first / first.sum() - second / second.sum()).sum() / 2), 12)


def shares_p(reference: NDArray[Any], window: NDArray[Any], rng: np.random.Generator) -> float:
    """p-value of the chi-square statistic of two rows of counts ``(K,)``, from 1 / 40,001 up.

    Given the sums of the table, the window is a draw without replacement from both samples together where they are
    alike: the test is exact at any count, which the table of chi-square is not for many rare classes. Drawing stops
    once :data:`ENOUGH` draws were as far out (Besag & Clifford, Biometrika 1991), so that what is alike costs little.
    """
    first, second = np.asarray(reference, np.int64), np.asarray(window, np.int64)
    if first.shape != second.shape or first.ndim != 1:
        raise ShapeError(f"counts must be (K,) and alike; got {first.shape} and {second.shape}.")
    together = first + second
    first, second, together = (each[together > 0] for each in (first, second, together))
    m, total = int(second.sum()), int(together.sum())
    if len(together) < 2 or m in (0, total):
        return 1.0
    expected = together * (m / total)
    found = float(((second - expected) ** 2 / expected).sum()) * (1 - 1e-12)  # equal tables must count as equal
    as_far = drawn = 0
    for size in BATCHES:
        tables = rng.multivariate_hypergeometric(together, m, size, method="marginals")
        beyond = np.flatnonzero(((tables - expected) ** 2 / expected).sum(axis=1) >= found)
        if as_far + len(beyond) >= ENOUGH:
            last = int(beyond[ENOUGH - as_far - 1])
            return ENOUGH / (drawn + last + 1)
        as_far, drawn = as_far + len(beyond), drawn + size
    return (as_far + 1) / (drawn + 1)


def more_often_p(reference: int, n: int, window: int, m: int) -> float:
    """One-sided p-value of Fisher's exact test: ``window`` of ``m`` is a larger share than ``reference`` of ``n``.

    >>> more_often_p(0, 3, 3, 3)
    0.05
    """
    from scipy.special import gammaln

    if not n or not m:
        return 1.0
    found = reference + window
    counts = np.arange(window, min(found, m) + 1, dtype=np.float64)  # of those found that the window may hold

    def choose(total: Any, taken: Any) -> Any:
        return gammaln(total + 1) - gammaln(taken + 1) - gammaln(total - taken + 1)

    chances = choose(found, counts) + choose(n + m - found, m - counts) - choose(n + m, m)
    return round(float(min(np.exp(chances).sum(), 1.0)), 12)
