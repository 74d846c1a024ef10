"""The two-sample test of Kolmogorov and Smirnov on counts in bins, with a difference that is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Floats = NDArray[np.float64]
NEVER = 1.0  # p-value where there is nothing to compare


def cumulative_distances(reference: NDArray[Any], window: NDArray[Any]) -> Floats:
    """``(C,)`` largest differences of the cumulative shares (0-1) of counts ``(C, B)``; 0 where a side is empty.

    >>> cumulative_distances(np.array([[2, 2]]), np.array([[4, 0]])).tolist()
    [0.5]
    """
    first, second = (np.asarray(counts, np.float64) for counts in (reference, window))
    if first.shape != second.shape or first.ndim != 2:
        raise ShapeError(f"counts must be (C, B) and alike; got {first.shape} and {second.shape}.")
    n, m = first.sum(axis=1), second.sum(axis=1)
    gaps = np.cumsum(first, axis=1) / np.maximum(n, 1)[:, None] - np.cumsum(second, axis=1) / np.maximum(m, 1)[:, None]
    return np.where((n > 0) & (m > 0), np.abs(gaps).max(axis=1), 0.0)


def cumulative_p(distances: NDArray[Any], n: NDArray[Any], m: NDArray[Any], allowed: float = 0.0) -> Floats:
    r"""``(C,)`` p-values of distances under "the distributions differ by at most ``allowed``".

    Where they differ by :math:`\tau`, a distance above :math:`\tau + d` needs samples that are off by :math:`d`
    together (triangle inequality), so the distance less :math:`\tau` is held against the distribution of Kolmogorov
    and Smirnov with :math:`nm / (n + m)` rows, as ``scipy.stats.ks_2samp`` does, and is never rarer than that all rows
    of one side come first. Bins only lower a distance: the test errs on the side of no alarm. Both tails are added up,
    which counts twice what lies in both: nothing where p-values are small (``scipy.stats`` takes a second to import).

    Args:
        distances: ``(C,)`` of :func:`cumulative_distances`.
        n: ``(C,)`` rows of the reference.
        m: ``(C,)`` rows of the window.
        allowed: Distance that is no alarm, 0-1.
    """
    from scipy.special import gammaln, smirnov

    first, second = np.asarray(n, np.float64), np.asarray(m, np.float64)
    rows = np.round(first * second / np.maximum(first + second, 1))
    beyond = np.maximum(np.asarray(distances, np.float64) - allowed, 0.0)
    found = np.full(len(beyond), NEVER)
    can_tell = (rows >= 1) & (beyond > 0)
    rarest = 2 * np.exp(gammaln(first + 1) + gammaln(second + 1) - gammaln(first + second + 1))  # of all orders
    found[can_tell] = np.minimum(
        np.maximum(2 * smirnov(rows[can_tell].astype(int), beyond[can_tell]), rarest[can_tell]), 1.0
    )
    return found


def smallest_seen(p: float, n: float, m: float, allowed: float = 0.0) -> float:
    """The smallest distance (0-1) whose p-value is ``p``; 1 where no distance is that rare."""
    from scipy.special import smirnovi

    rows = round(n * m / max(n + m, 1))
    return 1.0 if rows < 1 else min(1.0, allowed + float(smirnovi(rows, p / 2)))
