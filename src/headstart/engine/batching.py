"""Inputs of equal shape gathered into batches, since arrays of different lengths cannot be stacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from headstart.core.modality import Array

WAITING_BYTES = 256 << 20  # of inputs that wait for others of their shape


@dataclass(frozen=True)
class Batch:
    """Inputs of one shape.

    Attributes:
        items: Their numbers, in the order they were added.
        values: ``(B, ...)``.
    """

    items: list[int]
    values: Array


@dataclass
class _Waiting:
    items: list[int] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)

    def batch(self) -> Batch:
        return Batch(self.items, np.stack(self.values))


Shape = tuple[tuple[int, ...], str]  # and the dtype's name


class Batches:
    """Inputs that wait until ``batch_size`` of their shape are there, or until memory runs short.

    Args:
        batch_size: Of a full batch.
        limit_bytes: Of inputs that wait; beyond it the shape that most inputs wait for is given early.
    """

    def __init__(self, batch_size: int, limit_bytes: int = WAITING_BYTES) -> None:
        self._batch_size = batch_size
        self._limit = limit_bytes
        self._bytes = 0
        self._waiting: dict[Shape, _Waiting] = {}  # in the order of their oldest input

    def add(self, item: int, values: Array) -> Batch | None:
        """Add an input; returns a batch that is ready by that."""
        shape = (values.shape, values.dtype.str)
        waiting = self._waiting.setdefault(shape, _Waiting())
        waiting.items.append(item)
        waiting.values.append(values)
        self._bytes += values.nbytes
        if len(waiting.items) == self._batch_size:
            return self._give(shape)
        if self._bytes > self._limit and len(self._waiting) > 1:  # of one shape a full batch is needed anyway
            return self._give(max(self._waiting, key=lambda shape: len(self._waiting[shape].items)))
        return None

    @property
    def oldest(self) -> int | None:
        """The item that waits longest; None where none waits."""
        return next(iter(self._waiting.values())).items[0] if self._waiting else None

    def give_oldest(self) -> Batch:
        """The batch, full or not, of the item that waits longest."""
        return self._give(next(iter(self._waiting)))

    def rest(self) -> Iterator[Batch]:
        """What still waits, the largest arrays first: what they needed serves the smaller ones after them."""
        sizes = {shape: waiting.values[0].nbytes for shape, waiting in self._waiting.items()}
        for shape in sorted(sizes, key=lambda shape: -sizes[shape]):
            yield self._give(shape)

    def _give(self, shape: Shape) -> Batch:
        waiting = self._waiting.pop(shape)
        self._bytes -= sum(values.nbytes for values in waiting.values)
        return waiting.batch()
