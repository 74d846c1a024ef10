"""Which of many weighted sets are alike: all pairs whose Jaccard similarity reaches a bound, without trying all pairs.

Two sets that are alike share one of the rarest elements of each (prefix filtering: Chaudhuri, Ganti & Kaushik, ICDE
2006, doi:10.1109/ICDE.2006.9); in the list of the first element that they share, all rarer ones are known not to be
shared, which bounds what can be (after Xiao et al., WWW 2008, doi:10.1145/1367497.1367516). What passes is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from headstart.data.grouping import DisjointSets

CHUNK = 1 << 16  # pairs compared at a time
ROUNDING = 1e-9

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def unite_similar(elements: sparse.csr_array, bound: float, sets: DisjointSets) -> None:
    """Put sets together whose weighted Jaccard similarity, shared weight / weight of either, is at least ``bound``.

    Memory grows with the number of elements in all sets. So does time where rare elements are rare; of N sets that are
    all made of the same few elements it grows with the square of N (10 to 20 s for 100,000 texts that differ
    in a number).

    Args:
        elements: ``(N, E)``, the square root of the weight of each element that a set holds; columns in order of
            rarity, rarest first, sorted in each row.
        bound: 0-1.
        sets: N rows; changed.
    """
    totals = np.asarray(elements.multiply(elements).sum(axis=1))
    lists = _Lists(elements, totals, bound)
    waiting: list[Integers] = []
    for pairs in lists.pairs():
        waiting.append(pairs)
        if sum(each.shape[1] for each in waiting) >= CHUNK:
            _compare(np.concatenate(waiting, axis=1), elements, totals, bound, sets)
            waiting = []
            lists.leave_out_together(sets.roots())
    if waiting:
        _compare(np.concatenate(waiting, axis=1), elements, totals, bound, sets)


class _Lists:
    """For each rare element the sets that hold it, in order of their weight; P entries in all."""

    def __init__(self, elements: sparse.csr_array, totals: Floats, bound: float) -> None:
        counts = np.diff(elements.indptr)
        row = np.repeat(np.arange(len(counts)), counts)
        weights = np.square(elements.data)
        running = np.cumsum(weights)
        before = running - weights
        before -= (running[elements.indptr[:-1]] - weights[elements.indptr[:-1]])[row]  # rarer ones of the same set
        rare = before <= (1 - bound) * totals[row] + ROUNDING
        order = np.lexsort((row[rare], totals[row[rare]], elements.indices[rare]))
        self._bound = bound
        self._element: Integers = elements.indices[rare].astype(np.int64)[order]
        self._row: Integers = row[rare][order]
        self._total: Floats = totals[self._row]
        self._rest: Floats = self._total - before[rare][order]  # most that can be shared, if this is shared first
        self._active: Integers = np.arange(len(order))

    def pairs(self) -> Iterator[Integers]:
        """``(2, n)`` rows that may be alike: neighbours in a list first, then those two apart, and so on."""
        for distance in range(1, len(self._row)):
            active = self._active[: np.searchsorted(self._active, len(self._row) - distance)]
            other = active + distance
            # Weights ascend within a list: where two are too far apart, so are all that follow.
            near = self._element[active] == self._element[other]
            near &= self._total[other] * self._bound <= self._total[active] + ROUNDING
            self._active, other = active[near], other[near]
            if not len(other):
                return
            most = np.minimum(self._rest[self._active], self._rest[other])
            either = self._total[self._active] + self._total[other] - most
            possible = most >= self._bound * either - ROUNDING
            yield np.stack([self._row[self._active[possible]], self._row[other[possible]]])

    def leave_out_together(self, roots: Integers) -> None:
        """Lists all of whose sets are together have nothing left to find."""
        roots = roots[self._row]
        starts = np.flatnonzero(np.diff(self._element, prepend=-1))
        together = np.minimum.reduceat(roots, starts) == np.maximum.reduceat(roots, starts)
        is_over = np.repeat(together, np.diff(starts, append=len(roots)))
        self._active = self._active[~is_over[self._active]]


def _compare(pairs: Integers, elements: sparse.csr_array, totals: Floats, bound: float, sets: DisjointSets) -> None:
    roots = sets.roots()
    pairs = np.unique(np.sort(pairs[:, roots[pairs[0]] != roots[pairs[1]]], axis=0), axis=1)
    for start in range(0, pairs.shape[1], CHUNK):
        rows, others = pairs[:, start : start + CHUNK]
        shared = elements[rows].multiply(elements[others]).sum(axis=1)
        alike = shared >= bound * (totals[rows] + totals[others] - shared) - ROUNDING
        for row, other in zip(rows[alike].tolist(), others[alike].tolist(), strict=True):
            sets.union(row, other)
