"""Whether examples of one group are more alike than examples of different groups, within a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from headstart.core.learning import Ints
from headstart.inspection.checks.feature_geometry import unit_rows

ROWS = 1_000  # looked at: with 1,000 permutations of 1,280 features a few seconds
PER_CELL = 4  # rows of one class and group: six pairs, so that a large group does not outweigh the others
FEW = 99  # permutations after which most groupings are done with


@dataclass(frozen=True)
class Alikeness:
    """Mean cosine of pairs.

    Attributes:
        within: Of one class and one group.
        between: Of one class and different groups.
        p: Share of permutations of the groups within classes that do as well, (1 + those) / (1 + all).
    """

    within: float
    between: float
    p: float

    @property
    def effect(self) -> float:
        """0 where groups mean nothing, 1 where the examples of each are equal."""
        return self.within - self.between


def alikeness(
    rows: NDArray[np.float32], groups: Ints, classes: Ints, permutations: int, least: float, rng: np.random.Generator
) -> Alikeness | None:
    """Compare pairs of one class and group with pairs of one class and different groups, by features without the class.

    Args:
        rows: ``(N, D)``, each of length 1.
        groups: ``(N,)`` group numbers.
        classes: ``(N,)`` class numbers.
        permutations: Of the groups within each class.
        least: Effect below which nothing is permuted and p is 1.
        rng: Draws rows and permutations.

    Returns:
        None where there are no pairs of one kind.
    """
    kept = _drawn(groups, classes, rng)
    classes = np.unique(classes[kept], return_inverse=True)[1]
    groups = np.unique(groups[kept], return_inverse=True)[1]
    rows = unit_rows(rows[kept] - _means(rows[kept], classes)[classes])
    alike = _sum_of_pairs(rows, classes), _pairs(classes)  # of one class
    own = _cells(groups, classes)
    within, between = _mean_cosines(rows, own, alike)
    if np.isnan(within) or np.isnan(between):
        return None
    if within - between < least:
        return Alikeness(within, between, 1.0)
    better = 0
    for done in range(1, permutations + 1):
        mixed = _mixed(groups, classes, rng)
        other, rest = _mean_cosines(rows, _cells(mixed, classes), alike)
        better += other - rest >= within - between
        if done == FEW and better:
            break
    return Alikeness(within, between, (1 + better) / (1 + done))


def _drawn(groups: Ints, classes: Ints, rng: np.random.Generator) -> Ints:
    """Some rows of cells (class and group) with two or more, whole cells until there are enough."""
    cells = _cells(groups, classes)
    order = rng.permutation(len(cells))
    order = order[np.argsort(cells[order], kind="stable")]
    parts = np.split(order, np.flatnonzero(np.diff(cells[order])) + 1)
    kept = [parts[place][:PER_CELL] for place in rng.permutation(len(parts)) if len(parts[place]) > 1]
    enough = np.searchsorted(np.cumsum([len(part) for part in kept]), ROWS) + 1
    return np.sort(np.concatenate(kept[:enough])) if kept else np.zeros(0, np.int64)


def _mixed(groups: Ints, classes: Ints, rng: np.random.Generator) -> Ints:
    """The groups, permuted within each class."""
    order = np.argsort(classes, kind="stable")
    shuffled = np.lexsort((rng.random(len(groups)), classes))
    mixed = np.empty_like(groups)
    mixed[shuffled] = groups[order]
    return mixed


def _cells(groups: Ints, classes: Ints) -> Ints:
    return np.unique(classes * (groups.max(initial=0) + 1) + groups, return_inverse=True)[1]


def _sums(rows: NDArray[np.float32], cells: Ints) -> NDArray[np.float32]:
    n, count = len(cells), int(cells.max(initial=-1)) + 1
    chosen = csr_array((np.ones(n, np.float32), (cells, np.arange(n))), shape=(count, n))
    return np.asarray(chosen @ rows, np.float32)


def _means(rows: NDArray[np.float32], cells: Ints) -> NDArray[np.float32]:
    counts = np.bincount(cells)[:, None].astype(np.float32)
    return np.asarray(_sums(rows, cells) / np.maximum(counts, 1), np.float32)


def _pairs(cells: Ints) -> float:
    counts = np.bincount(cells).astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())


def _sum_of_pairs(rows: NDArray[np.float32], cells: Ints) -> float:
    """Cosines of all pairs of one cell, added: half of (length of the sum squared, less that of each row)."""
    return float(((_sums(rows, cells) ** 2).sum(dtype=np.float64) - (rows**2).sum(dtype=np.float64)) / 2)


def _mean_cosines(rows: NDArray[np.float32], cells: Ints, alike: tuple[float, float]) -> tuple[float, float]:
    """Within cells, and between cells of one class; ``alike`` are sum and number of all pairs of one class."""
    total, count = _sum_of_pairs(rows, cells), _pairs(cells)
    rest = alike[1] - count
    return (total / count if count else np.nan), ((alike[0] - total) / rest if rest else np.nan)
