"""How good sets of classes are on rows that had no part in them: do they hold the truth, and how large are they?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.intervals import interval
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson


def set_report(sets: NDArray[Any], truth: NDArray[Any]) -> dict[str, Any]:
    """Coverage and size.

    Args:
        sets: ``(N, K)`` bool, N above 0.
        truth: ``(N,)`` class numbers.

    Returns:
        ``n``; ``coverage`` and ``single`` (share of sets of one class), exact intervals; ``mean_size``, an interval
        corrected for skewness; ``sizes``, ``(K + 1,)`` counts of sets of 0 to K classes; ``per_class``, one coverage
        with ``n`` for each class, null with a note for a class without a row.

    Raises:
        ShapeError: shapes do not fit together, or there is no row.
    """
    held, y = np.asarray(sets, dtype=bool), np.asarray(truth)
    if held.ndim != 2 or y.shape != held.shape[:1] or not len(y):
        raise ShapeError(f"sets must be (N, K) and truth (N,), N above 0; got {held.shape} and {y.shape}.")
    is_covered, size = held[np.arange(len(y)), y], held.sum(axis=1)
    bounds = mean_interval(size)
    note = "" if bounds else "all sets are of one size"
    return {
        "n": len(y),
        "coverage": share(is_covered),
        "mean_size": interval(float(size.mean()), bounds, note),
        "single": share(size == 1),
        "sizes": np.bincount(size, minlength=held.shape[1] + 1).tolist(),
        "per_class": [{"n": int((y == k).sum()), **share(is_covered[y == k])} for k in range(held.shape[1])],
    }


def share(flags: NDArray[Any]) -> dict[str, Any]:
    """The share of ``(N,)`` flags that are set, with its exact interval; null with a note without any.

    >>> share(np.array([True, False]))["value"]
    0.5
    """
    if not len(flags):
        return interval(None, None, "there is no such example")
    low, high = clopper_pearson(np.count_nonzero(flags), len(flags))
    return interval(np.count_nonzero(flags) / len(flags), (float(low), float(high)))
