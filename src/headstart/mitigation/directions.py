"""Directions in which groups of one class differ, and features shrunk along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Floats
from headstart.mitigation.cells import Cells


@dataclass(frozen=True)
class Directions:
    """Where groups of one class differ.

    Attributes:
        basis: ``(D, r)`` orthonormal columns, for standardised features.
        sizes: ``(r,)`` eigenvalues of D S / tr S.
    """

    basis: Floats
    sizes: Floats

    def shrunk(self, values: Floats, shrinkage: float, along: Floats | None = None) -> Floats:
        """``(..., D)`` values along these directions times ``(1 + shrinkage * size) ** -0.5``; others as they are.

        ``along``: ``values @ basis``, where it is known.
        """
        taken = 1 - (1 + shrinkage * self.sizes) ** -0.5 if np.isfinite(shrinkage) else np.ones(len(self.sizes))
        along = values @ self.basis if along is None else along
        return np.asarray(values - (along * taken.astype(values.dtype)) @ self.basis.T)

    def turned(self, turn: Floats) -> Directions:
        """The same in other coordinates: columns of ``turn`` ``(D, d)`` are orthonormal and span the directions."""
        return Directions(turn.T @ self.basis, self.sizes)


def directions_of(features: Floats, cells: Cells, weights: Floats) -> Directions:
    """Directions in which groups of one class differ.

    Args:
        features: ``(N, D)``, standardised.
        cells: Each group's examples of each class.
        weights: ``(N,)``; rows that weigh nothing are not looked at.
    """
    sizes = cells.sizes(weights)
    there = np.flatnonzero(sizes > 0)
    member = (cells.code[:, None] == there) * weights[:, None]  # (N, C)
    means = member.T @ features / sizes[there][:, None]
    classes, number = np.unique(cells.target[there], return_inverse=True)
    off = np.zeros_like(means)
    for each in range(len(classes)):
        rows = number == each
        off[rows] = (means[rows] - means[rows].mean(axis=0)) / np.sqrt(rows.sum() * len(classes))
    _, singular, basis = np.linalg.svd(off, full_matrices=False)
    kept = singular > 1e-6 * max(float(singular.max(initial=0.0)), 1e-12)
    varying = int((np.abs(features).max(axis=0) > 0).sum())
    squares = singular[kept] ** 2
    return Directions(basis[kept].T, varying * squares / squares.sum() if kept.any() else squares)
