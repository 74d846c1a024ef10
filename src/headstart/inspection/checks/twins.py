"""Near-duplicates as lists of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Ints


def sets_of_twins(groups: NDArray[Any], rows: Ints | None = None) -> list[Ints]:
    """Rows of each group that has two or more of them, each ascending; groups in order of their first row.

    Args:
        groups: ``(N,)`` group numbers.
        rows: Only these count; None: all.

    >>> [rows.tolist() for rows in sets_of_twins(np.array([4, 7, 4, 9, 7]))]
    [[0, 2], [1, 4]]
    """
    rows = np.arange(len(groups)) if rows is None else np.sort(rows)
    order = rows[np.argsort(groups[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    found = [part for part in np.split(order, starts) if len(part) > 1]
    return sorted(found, key=lambda part: int(part[0]))
