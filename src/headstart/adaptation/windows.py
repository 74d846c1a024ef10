"""Rows along an order (dates, wear, distance) cut into windows, each of which is like the one before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError

LEAST, LEAST_OF_CLASS = 50, 10  # rows of a window, and rows for each class: fewer teach no head
MOST = 20  # windows: each step loses a little, and finer ones bring their neighbours no nearer
FEWEST = 3  # windows: a step to begin with, one between, one to end with
WIDE = 3.0  # times the median step, from which on a step leaves a gap


def least_rows(classes: int) -> int:
    """Rows that a window needs.

    >>> least_rows(2), least_rows(10)
    (50, 100)
    """
    return max(LEAST, LEAST_OF_CLASS * classes)


def windows_of(values: NDArray[Any], classes: int) -> list[NDArray[np.int64]]:
    """Rows of each window, in order: as many windows as rows allow, at most MOST, and about as many rows in each.

    Equal values stay together, so windows may be fewer and uneven.

    Args:
        values: ``(m,)`` finite, where each row is along the order.
        classes: K.

    Raises:
        DataError: fewer than FEWEST windows of :func:`least_rows` rows.

    >>> [len(each) for each in windows_of(np.arange(160.0), 2)]
    [53, 54, 53]
    """
    least, m = least_rows(classes), len(values)
    order = np.argsort(values, kind="stable")
    places = values[order]
    changes = np.flatnonzero(places[1:] != places[:-1]) + 1  # where a window may begin
    count = min(MOST, m // least)
    cuts = [0]
    for number in range(1, count) if len(changes) else ():
        cut = int(changes[np.abs(changes - round(number * m / count)).argmin()])
        if cut - cuts[-1] >= least and m - cut >= least:
            cuts.append(cut)
    if len(cuts) < FEWEST:
        distinct = len(changes) + 1 if m else 0
        raise DataError(
            f"an order must give at least {FEWEST} windows of {least} examples ({LEAST}, or {LEAST_OF_CLASS} for each "
            f"class); {m:,} examples with {distinct:,} different values give {min(count, len(cuts)) if m else 0}. "
            "Collect more along the way, name a column with more different values, or leave --order out."
        )
    return [np.asarray(each, np.int64) for each in np.split(order, cuts[1:])]


def gaps(spans: NDArray[np.float64]) -> list[int]:
    """Windows before which a gap lies: nothing was seen for WIDE times as long as a step usually is.

    Args:
        spans: ``(W, 2)`` first and last value of each window.

    >>> gaps(np.array([[0, 1], [2, 3], [4, 5], [30, 31]], float))
    [3]
    """
    usual = float(np.median(np.diff(spans[:, 0])))
    return [int(row) + 1 for row in np.flatnonzero(spans[1:, 0] - spans[:-1, 1] > WIDE * usual)]
