"""Target rows as points whose distances mean something, and the source rows around them.

The same for every head that leaves the source rows where they are, so that it is computed once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import issparse

from headstart.adaptation.domains import Labeled
from headstart.core.learning import Floats, Ints
from headstart.core.resources import one_blas_thread
from headstart.evaluation.softmax import softmax
from headstart.methods.knn import nearest, unit_rows
from headstart.methods.votes import Electorate

MOST = 2000  # rows of either domain that are compared
NEIGHBOURS, TEMPERATURE, PRIOR = 10, 0.1, 0.1  # of the votes, as in methods/knn.py
CONSTANT = 1e-6  # of the median spread: a column that varies less says nothing


@dataclass(frozen=True)
class Space:
    """One target domain.

    Attributes:
        target: ``(m, D)``, an array (missing values are allowed) or a ``scipy.sparse.csr_array``.
        source: The rows that heads learn from.
        rows: ``(q,)`` target rows that are compared, and ``source_rows`` those of the source.
        source_rows: See there.
    """

    target: Any
    source: Labeled
    rows: Ints
    source_rows: Ints

    @classmethod
    def of(cls, target: Any, source: Labeled, rng: np.random.Generator) -> Space:
        """All rows, or ``MOST`` drawn ones."""
        ours, theirs = (_some(count, rng) for count in (int(target.shape[0]), len(source)))
        return cls(target, source, ours, theirs)

    @cached_property
    def points(self) -> Any:
        """``(q, D)`` float32 rows of length 1."""
        return self.placed(self.target[self.rows])

    @cached_property
    def votes(self) -> Floats:
        """``(q, K)`` shares of the votes of the source rows around each target row, where they are."""
        return self.votes_from(self.source.features)

    @cached_property
    def neighbours(self) -> Ints:
        """``(q, k)`` places in ``rows`` of the target rows that are nearest to each, itself left out."""
        count = min(NEIGHBOURS + 1, len(self.rows))
        with one_blas_thread():
            found, _ = nearest(self.points, self.points, count)
        others = found != np.arange(len(found))[:, None]
        others[others.all(axis=1), -1] = False  # equal rows: the row itself may be missing
        return np.asarray(found[others].reshape(len(found), count - 1), np.int64)

    def votes_from(self, features: Any) -> Floats:
        """The same, where the source rows ``(n, D)`` were moved to ``features``."""
        targets = self.source.targets.take(self.source_rows)
        electorate = Electorate.of(targets, np.ones(len(targets)), PRIOR)
        count = min(NEIGHBOURS, len(targets))
        with one_blas_thread():
            found, cosines = nearest(self.points, self.placed(features[self.source_rows]), count)
        return softmax(electorate.outputs(found, cosines, TEMPERATURE))

    def placed(self, features: Any) -> Any:
        """``(n, D)`` features as points: by the moments of the target, where they are not sparse."""
        if issparse(features):
            length = np.sqrt(np.asarray(features.multiply(features).sum(axis=1), np.float64)).ravel()
            scaled = features.multiply(1 / np.where(length > 0, length, 1)[:, None])
            return scaled.tocsr().astype(np.float32)
        mean, scale = self._moments
        return unit_rows(np.nan_to_num((np.asarray(features, np.float32) - mean) * scale, nan=0.0))

    @cached_property
    def _moments(self) -> tuple[Floats, Floats]:
        """``(D,)`` means and what columns are multiplied with."""
        features = np.asarray(self.target[self.rows], np.float64)
        present = np.isfinite(features)
        count = np.maximum(present.sum(axis=0), 1)
        filled = np.where(present, features, 0.0)
        mean = filled.sum(axis=0) / count
        spread = np.sqrt((np.where(present, features - mean, 0.0) ** 2).sum(axis=0) / count)
        varies = spread > CONSTANT * max(float(np.median(spread)), 1e-30)
        scale = np.where(varies, 1 / np.where(varies, spread, 1), 0.0)
        return mean.astype(np.float32), scale.astype(np.float32)


def _some(count: int, rng: np.random.Generator) -> Ints:
    if count <= MOST:
        return np.arange(count, dtype=np.int64)
    return np.sort(rng.choice(count, MOST, replace=False)).astype(np.int64)
