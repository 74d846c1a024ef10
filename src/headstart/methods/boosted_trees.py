"""Boosted trees as arrays of nodes, walked level by level in NumPy.

All trees' nodes stand in one row of arrays. A row of features starts at a tree's root and goes left where its value
is at most the threshold, or missing and the node sends those left, until it stands on a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.learning import Floats

Ints = NDArray[np.integer[Any]]
LEAF = -1
BLOCK_ROWS = 1 << 13  # rows walked at a time, so that they stay in the processor's cache


@dataclass(frozen=True)
class BoostedTrees:
    """Trees and how their S sums become W outputs: of two classes one sum is the logit of the second, else S = W.

    Attributes:
        width: W.
        features: D.
        feature: ``(M,)`` int32 of each node, LEAF for a leaf.
        threshold: ``(M,)`` float64.
        left, right: ``(M,)`` int32 numbers of nodes; a leaf's are its own.
        missing_left: ``(M,)`` bool.
        value: ``(M,)`` float64 of leaves, the learning rate included.
        root: ``(T,)`` int32, tree by tree in the order they were grown.
        output: ``(T,)`` int32: which of the S sums the tree adds to.
        round: ``(T,)`` int32, from 0.
        baseline: ``(S,)`` float64, the sums without any tree.
    """

    width: int
    features: int
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    missing_left: Any
    value: Floats
    root: Ints
    output: Ints
    round: Ints
    baseline: Floats

    @property
    def count(self) -> int:
        """Number of trees."""
        return len(self.root)

    def arrays(self) -> dict[str, Any]:
        """For keeping."""
        names = (
            "feature",
            "threshold",
            "left",
            "right",
            "missing_left",
            "value",
            "root",
            "output",
            "round",
            "baseline",
        )
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], spec: Mapping[str, Any]) -> BoostedTrees:
        """What was kept."""
        return cls(width=int(spec["width"]), features=int(spec["features"]), **arrays)

    def outputs(self, features: Floats, rounds: int | None = None) -> Floats:
        """``(N, W)`` float64 after ``rounds`` rounds, all where None.

        Raises:
            ShapeError: ``features`` is not ``(N, D)`` with the D of training.
        """
        values = self._checked(features)
        sums = np.tile(self.baseline, (len(values), 1))
        used = range(self.count) if rounds is None else np.flatnonzero(self.round < rounds)
        for start in range(0, len(values), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            for tree in used:
                sums[block, self.output[tree]] += self._leaf_values(values[block], tree)
        return self._widened(sums)

    def stages(self, features: Floats, every: int, rounds: int) -> Iterator[tuple[int, Floats]]:
        """Outputs after each ``every`` rounds up to ``rounds``: (rounds, ``(N, W)``), to be used before the next."""
        values = self._checked(features)
        sums = np.tile(self.baseline, (len(values), 1))
        tree = 0
        for count in range(every, rounds + 1, every):
            while tree < self.count and self.round[tree] < count:
                sums[:, self.output[tree]] += self._leaf_values(values, tree)
                tree += 1
            yield count, self._widened(sums)

    def _checked(self, features: Floats) -> Floats:
        if features.ndim != 2 or features.shape[1] != self.features:
            raise ShapeError(f"features must be (N, {self.features}), as in training; got shape {features.shape}.")
        return np.asarray(features, np.float64)

    def _widened(self, sums: Floats) -> Floats:
        return sums if sums.shape[1] == self.width else np.concatenate([np.zeros_like(sums), sums], axis=1)

    def _leaf_values(self, values: Floats, tree: int | np.integer[Any]) -> Floats:
        rows = np.arange(len(values))
        node = np.full(len(values), self.root[tree], np.int32)
        while True:
            feature = self.feature[node]
            inner = feature != LEAF
            if not inner.any():
                return self.value[node]
            given = values[rows, feature]
            goes_left = (given <= self.threshold[node]) | (np.isnan(given) & self.missing_left[node])
            node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)
