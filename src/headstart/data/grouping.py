"""Groups as numbers: rows that must stay together share one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class DisjointSets:
    """Union-find over rows 0..n-1; the smallest row of a set is its root, whatever the order of the unions."""

    def __init__(self, n: int) -> None:
        self._parent = np.arange(n)

    def union(self, row: int, other: int) -> None:
        """Put two rows, and all that are with them, together."""
        a, b = self._root(row), self._root(other)
        self._parent[max(a, b)] = min(a, b)

    def roots(self) -> NDArray[np.int64]:
        """The root of every row, ``(n,)``."""
        while True:
            above = self._parent[self._parent]
            if np.array_equal(above, self._parent):
                return above
            self._parent = above

    def _root(self, row: int) -> int:
        while (above := int(self._parent[row])) != row:
            self._parent[row] = self._parent[above]  # path halving
            row = above
        return row


def join_groups(*groups: NDArray[Any]) -> NDArray[np.int64]:
    """One grouping in which rows that any of ``groups`` keeps together are together.

    Args:
        groups: Each ``(N,)``, of any values that compare equal. In an object array None marks a row without a group.

    Returns:
        ``(N,)`` group numbers from 0, in order of first row.

    >>> join_groups(np.array([0, 0, 1, 2]), np.array(["a", "b", "b", None], dtype=object)).tolist()
    [0, 0, 0, 1]
    """
    sets = DisjointSets(len(groups[0]))
    for values in groups:
        first: dict[Any, int] = {}
        for row, value in enumerate(values.tolist()):
            if value is not None and (start := first.setdefault(value, row)) != row:
                sets.union(start, row)
    return first_seen(sets.roots().tolist())


def first_seen(values: list[Any]) -> NDArray[np.int64]:
    """``(N,)`` number of each of N values: distinct ones are counted from 0 in order of first appearance."""
    numbers: dict[Any, int] = {}
    return np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int64, len(values))
