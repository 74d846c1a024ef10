"""The predict loop: inputs of any number through a function, batch by batch; failures are rows, not exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.modality import Array, Preparer
from headstart.core.resources import cpu_count
from headstart.engine.batching import Batch, Batches
from headstart.engine.decoding import prepared

if TYPE_CHECKING:
    from headstart.data.inputs import Inputs

BATCH_SIZE = 32
AHEAD_BATCHES = 4
# Most inputs between one that waits for others of its shape and the newest: bounds what waits to be handed over in
# order. Texts have some 30 lengths; over 64 batches all but the rarest fill theirs.
WINDOW_BATCHES = 64


@dataclass(frozen=True)
class Chunk:
    """Some consecutive inputs.

    Attributes:
        rows: ``(b,)`` int64: positions of those that were computed, ascending.
        outputs: What ``compute`` gave for them: an array ``(b, ...)`` or a tuple of arrays.
        errors: Reason by position, for those that could not be read or prepared.
    """

    rows: NDArray[np.int64]
    outputs: Any
    errors: dict[int, str]


def stream(
    inputs: Iterable[Inputs] | Inputs,
    preparer: Preparer,
    compute: Callable[[Array], Any],
    *,
    workers: int | None = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Chunk]:
    """Predict for inputs in order; memory does not grow with their number.

    Args:
        inputs: Encoded inputs, or an iterable of such (drawn from as needed); positions count on across them.
        preparer: From bytes to arrays.
        compute: ``(B, ...)`` prepared inputs of one shape to an array ``(B, ...)`` or a tuple of them; of all shapes
            the rows must be of one shape. Called with ``batch_size`` inputs or a multiple, with others for the last
            ones of a shape and for rare shapes, never none.
        workers: Threads that prepare; default: one per processor.
        batch_size: Inputs at a time, as long as they are of one shape.

    Yields:
        Chunks that cover every position once, in order; one that holds errors alone has None for outputs.
    """
    batches = Batches(batch_size)
    done = _InOrder()
    items = prepared(
        enumerate(_reads(inputs)),
        preparer,
        workers=workers or cpu_count(),
        ahead=AHEAD_BATCHES * batch_size,
    )
    with closing(items):
        for item in items:
            if item.values is None:
                done.errors[item.row] = item.error
            elif batch := batches.add(item.row, item.values):
                done.add(batch, compute(batch.values))
            while batches.oldest is not None and item.row - batches.oldest >= WINDOW_BATCHES * batch_size:
                batch = batches.give_oldest()
                done.add(batch, compute(batch.values))
            if done.ready() >= batch_size:
                yield done.give()
        for batch in batches.rest():
            done.add(batch, compute(batch.values))
        if done.ready():
            yield done.give()


class _InOrder:
    """Outputs and errors that come in any order, given in the order of their positions."""

    def __init__(self) -> None:
        self.errors: dict[int, str] = {}
        self._outputs: dict[int, tuple[Array, ...]] = {}  # rows of one or several outputs
        self._is_tuple = False
        self._first = self._end = 0  # given up to first, known without a gap up to end

    def add(self, batch: Batch, outputs: Any) -> None:
        """The outputs of a batch."""
        self._is_tuple = isinstance(outputs, tuple)
        rows = zip(*(outputs if self._is_tuple else (outputs,)), strict=True)
        self._outputs.update(zip(batch.items, rows, strict=True))

    def ready(self) -> int:
        """How many positions can be given: all of them before the first that is not known yet."""
        while self._end in self._outputs or self._end in self.errors:
            self._end += 1
        return self._end - self._first

    def give(self) -> Chunk:
        """What is ready, as one chunk."""
        positions, self._first = range(self._first, self._end), self._end
        errors = {position: self.errors.pop(position) for position in positions if position in self.errors}
        rows = [position for position in positions if position not in errors]
        if not rows:
            return Chunk(np.empty(0, np.int64), None, errors)
        columns = tuple(np.stack(column) for column in zip(*map(self._outputs.pop, rows), strict=True))
        return Chunk(np.array(rows, dtype=np.int64), columns if self._is_tuple else columns[0], errors)


def _reads(inputs: Iterable[Inputs] | Inputs) -> Iterator[Callable[[], bytes]]:
    parts: Iterable[Inputs] = [inputs] if hasattr(inputs, "read") else inputs  # type: ignore[list-item]  # told by "read"
    for part in parts:
        for i in range(len(part)):
            yield partial(part.read, i)
