"""Inputs of equal shape gathered into batches, since arrays of different lengths cannot be stacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from headstart.core.modality import Array

WAITING_BYTES = 256 << 20  # of inputs that wait for others of their shape
# Batches of one shape that are computed one after another, once there are several shapes: runtimes plan anew at each
# change of shape, which cost MiniLM in OpenVINO 3 to 5 % of its time when every batch had another length.
RUN_BATCHES = 8


@dataclass(frozen=True)
class Batch:
    """Inputs of one shape.

    Attributes:
        items: Their numbers, in the order they were added.
        values: ``(B, ...)``; B is a multiple of the batch size, but for the last ones and rare shapes.
    """

    items: list[int]
    values: Array


@dataclass
class _Waiting:
    items: list[int] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)

    def take(self, count: int) -> Batch:
        batch = Batch(self.items[:count], np.stack(self.values[:count]))
        del self.items[:count], self.values[:count]
        return batch


Shape = tuple[tuple[int, ...], str]  # and the dtype's name


class Batches:
    """Inputs that wait until enough of their shape are there, or until memory runs short.

    Enough is a batch as long as all inputs are of one shape, else a run of batches.

    Args:
        batch_size: Of a full batch.
        limit_bytes: Of inputs that wait; beyond it the shape that most inputs wait for is given early.
        run_batches: Of one shape, computed one after another.
    """

    def __init__(self, batch_size: int, limit_bytes: int = WAITING_BYTES, run_batches: int = RUN_BATCHES) -> None:
        self._batch_size = batch_size
        self._limit = limit_bytes
        self._run_batches = run_batches
        self._bytes = 0
        self._shapes: set[Shape] = set()  # all that ever came
        self._waiting: dict[Shape, _Waiting] = {}

    def add(self, item: int, values: Array) -> Batch | None:
        """Add an input; returns a batch that is ready by that."""
        shape = (values.shape, values.dtype.str)
        self._shapes.add(shape)
        waiting = self._waiting.setdefault(shape, _Waiting())
        waiting.items.append(item)
        waiting.values.append(values)
        self._bytes += values.nbytes
        if len(waiting.items) >= self._batch_size * (self._run_batches if len(self._shapes) > 1 else 1):
            return self._give(shape)
        if self._bytes > self._limit and len(self._waiting) > 1:  # of one shape a full batch is needed anyway
            fullest = max(self._waiting, key=lambda shape: len(self._waiting[shape].items))
            return self._give(fullest, whole_batches=True)
        return None

    @property
    def oldest(self) -> int | None:
        """The item that waits longest; None where none waits."""
        return min((waiting.items[0] for waiting in self._waiting.values()), default=None)

    def give_oldest(self) -> Batch:
        """The batch, full or not, of the item that waits longest."""
        return self._give(min(self._waiting, key=lambda shape: self._waiting[shape].items[0]))

    def rest(self) -> Iterator[Batch]:
        """What still waits, the largest arrays first: what they needed serves the smaller ones after them."""
        sizes = {shape: waiting.values[0].nbytes for shape, waiting in self._waiting.items()}
        for shape in sorted(sizes, key=lambda shape: -sizes[shape]):
            yield self._give(shape)

    def _give(self, shape: Shape, whole_batches: bool = False) -> Batch:
        """What waits of a shape; or only whole batches of it, if there are any."""
        waiting = self._waiting[shape]
        count = len(waiting.items)
        if whole_batches and count > self._batch_size:
            count -= count % self._batch_size
        batch = waiting.take(count)
        if not waiting.items:
            del self._waiting[shape]
        self._bytes -= batch.values.nbytes
        return batch
