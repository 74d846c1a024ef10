"""A few real inputs, possibly of different shapes, on which runtimes are compared and timed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headstart.core.errors import ShapeError
from headstart.runtimes.contract import Array, Compute

MOST_ROWS = 8  # enough to see a deviation, 0.1 s in eager float32
MOST_SHAPES = 4  # each costs a whole batch of every runtime that is tried


class Sample:
    """Up to MOST_ROWS prepared inputs in up to MOST_SHAPES shapes, the largest, the smallest and the usual among them.

    Attributes:
        rows: Those that are used.
        usual: The row of median size: what speed is measured on.

    Raises:
        ShapeError: there is no input.
    """

    def __init__(self, inputs: Sequence[Array]) -> None:
        if len(inputs) == 0:
            raise ShapeError("the sample must hold at least one input; it is empty.")
        inputs = list(inputs)
        by_size = sorted(inputs, key=lambda row: row.size)
        self.usual = by_size[len(by_size) // 2]
        shapes = list(dict.fromkeys([self.usual.shape, by_size[-1].shape, by_size[0].shape]))
        nearest = sorted(inputs, key=lambda row: abs(row.size - self.usual.size))
        shapes = list(dict.fromkeys([*shapes, *(row.shape for row in nearest)]))[:MOST_SHAPES]
        few = [next(row for row in inputs if row.shape == shape) for shape in shapes]  # one of each
        others = [row for row in inputs if row.shape in shapes and not any(row is kept for kept in few)]
        self.rows = [*few, *others][:MOST_ROWS]
        self.shapes = [row.shape for row in few]

    def __len__(self) -> int:
        return len(self.rows)

    def through(self, compute: Compute, pooled: bool) -> Array:
        """Outputs of all rows, one call per shape; in the same order for every runtime.

        Args:
            compute: Gives ``(B, D)`` pooled features, or a packed boundary.
            pooled: Whether outputs of all shapes are of one shape. If not, each row's mean over its positions is given.
        """
        outputs: list[Array] = []
        for shape in self.shapes:
            values = compute(np.stack([row for row in self.rows if row.shape == shape]))
            outputs.extend(values if pooled else np.nanmean(values, axis=1))
        return np.stack(outputs)

    def batch(self, count: int) -> Array:
        """``count`` rows of the usual shape, repeated where there are fewer."""
        rows = [row for row in self.rows if row.shape == self.usual.shape]
        return np.stack([rows[number % len(rows)] for number in range(count)])
