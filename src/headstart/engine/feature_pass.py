"""One streaming pass: every input is read and prepared once, for everything that is missing of it.

Memory does not grow with the number of inputs: a few wait for the network, and rows go to the store in segments.
Whatever was written stays when the pass is interrupted, and the next pass computes the rest. Inputs may be of different
shapes: those of equal shape are computed together, at the latest at the end of the pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.modality import Array, Preparer
from headstart.core.progress import Progress, Silent
from headstart.core.resources import cpu_count
from headstart.engine.activations.address import Space
from headstart.engine.activations.appender import Appender
from headstart.engine.activations.segment import Keys
from headstart.engine.activations.store import Store
from headstart.engine.batching import WAITING_BYTES, Batch, Batches
from headstart.engine.contents import Contents
from headstart.engine.decoding import Clock, prepared

if TYPE_CHECKING:
    from headstart.data.inputs import Inputs

BATCH_SIZE = 32
AHEAD_BATCHES = 32  # prepared and waiting: while the network takes a run of batches of one shape, the next ones fill
AHEAD_BYTES = 16 << 20  # the same in bytes: about 100 pictures, or all of those texts


@dataclass(frozen=True)
class Extraction:
    """Something to compute of each prepared input.

    Attributes:
        name: For counters and messages.
        space: Where rows are kept.
        width: Shape of a row: D, or a shape such as (C, H, W); None: rows are packed sequences of any length, NaN
            where they are padded.
        compute: ``(B, ...)`` prepared inputs of one shape to ``(B, *width)``; a row must not depend on the rows
            beside it.
        wanted: ``(N,)`` bool: the rows to compute, usually ``store.missing(space, keys)``.
    """

    name: str
    space: Space
    width: int | tuple[int, ...] | None
    compute: Callable[[Array], NDArray[Any]]
    wanted: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of a row; None: any."""
        if self.width is None:
            return None
        return (self.width,) if isinstance(self.width, int) else tuple(self.width)


@dataclass
class PassResult:
    """What a pass did.

    Attributes:
        failures: Reason by row, for rows that could not be read, prepared or computed.
        decoded: Inputs prepared.
        forwarded: By extraction: rows computed.
        seconds: The whole pass.
        clock: Where the time went.
    """

    failures: dict[int, str] = field(default_factory=dict)
    decoded: int = 0
    forwarded: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    clock: Clock = field(default_factory=Clock)


def run_pass(
    inputs: Inputs,
    keys: Keys,
    preparer: Preparer,
    extractions: Sequence[Extraction],
    store: Store,
    *,
    workers: int | None = None,
    batch_size: int = BATCH_SIZE,
    progress: Progress | None = None,
) -> PassResult:
    """Compute and keep what is wanted.

    Args:
        inputs: N encoded inputs.
        keys: ``(N, 32)`` uint8, sha256 of each input's bytes. Bytes that changed since are a failure of their row.
            Rows with equal keys are computed once.
        preparer: From bytes to arrays, the same for all extractions.
        extractions: May want different rows; each is given full batches but for the last of each shape.
        store: Where rows go.
        workers: Threads that prepare; default: one per processor.
        batch_size: Inputs are handed to an extraction in multiples of it.
        progress: Told of the step "features" and of every input.

    Raises:
        ShapeError: keys or ``wanted`` are not one per input, or an extraction gives other shapes than it said.
        SpaceError: the disk is full. What was kept before stays.
    """
    began = time.perf_counter()
    contents = Contents(inputs, keys)
    result = PassResult(forwarded={extraction.name: 0 for extraction in extractions})
    groups = _by_wanted(extractions)
    lines = [_Line(group, contents, batch_size, WAITING_BYTES // len(groups), store, result) for group in groups]
    todo = np.flatnonzero(np.any([line.wanted for line in lines], axis=0)) if lines else np.empty(0, np.int64)
    report = progress or Silent()
    report.step("features", len(todo))
    items = prepared(
        ((int(content), partial(contents.read, int(content))) for content in todo),
        preparer,
        workers=workers or cpu_count(),
        ahead=AHEAD_BATCHES * batch_size,
        ahead_bytes=AHEAD_BYTES,
        clock=result.clock,
    )
    try:
        for item in items:
            if item.values is None:
                result.failures.update({int(row): item.error for row in contents.rows(item.row)})
            else:
                result.decoded += 1
                for line in lines:
                    line.take(item.row, item.values)
            report.advance()
        for line in lines:
            line.finish()
    finally:  # interrupted or not: what was computed is kept
        items.close()
        for line in lines:
            line.close()
    result.seconds = time.perf_counter() - began
    return result


def _by_wanted(extractions: Sequence[Extraction]) -> list[list[Extraction]]:
    """Extractions that want the same rows share their batches."""
    groups: dict[bytes, list[Extraction]] = {}
    for extraction in extractions:
        groups.setdefault(np.packbits(extraction.wanted).tobytes(), []).append(extraction)
    return list(groups.values())


class _Line:
    """Extractions that want the same contents: gathers batches, computes them with each, and keeps the rows."""

    def __init__(
        self,
        extractions: list[Extraction],
        contents: Contents,
        batch_size: int,
        waiting_bytes: int,
        store: Store,
        result: PassResult,
    ) -> None:
        self.extractions = extractions
        self.contents = contents
        self.wanted = contents.of(extractions[0].wanted)
        self.result = result
        self.appenders = [Appender(store, extraction.space) for extraction in extractions]
        self._batches = Batches(batch_size, waiting_bytes)

    def take(self, content: int, values: Array) -> None:
        """Add a prepared input if it is wanted; a batch that is full is computed."""
        if self.wanted[content] and (batch := self._batches.add(content, values)):
            self._compute(batch)

    def finish(self) -> None:
        """Compute what still waits."""
        for batch in self._batches.rest():
            self._compute(batch)

    def _compute(self, batch: Batch) -> None:
        """Compute a batch, and hand the rows on."""
        contents = np.array(batch.items)
        for extraction, appender in zip(self.extractions, self.appenders, strict=True):
            began = time.perf_counter()
            values = np.asarray(extraction.compute(batch.values))
            computed = time.perf_counter()
            _require_shape(extraction, values, len(contents))
            finite = self._finite(extraction, contents, values)
            appender.append(self.contents.keys[contents[finite]], values[finite])
            self.result.forwarded[extraction.name] += len(contents)
            self.result.clock.compute += computed - began
            self.result.clock.keep += time.perf_counter() - computed

    def _finite(self, extraction: Extraction, batch: NDArray[np.int64], values: NDArray[Any]) -> NDArray[np.bool_]:
        flat = values.reshape(len(values), -1)
        finite: NDArray[np.bool_]
        if extraction.shape is None:  # padding is NaN, but a row is never padding alone
            finite = ~np.isinf(flat).any(axis=1) & ~np.isnan(flat).all(axis=1)
        else:
            finite = np.isfinite(flat).all(axis=1)
        for content in batch[~finite]:
            reason = f"{extraction.name} gave values that are not finite"
            self.result.failures.update({int(row): reason for row in self.contents.rows(content)})
        return finite

    def close(self) -> None:
        """Write what was computed; inputs that still wait are dropped."""
        for appender in self.appenders:
            appender.close()


def _require_shape(extraction: Extraction, values: NDArray[Any], rows: int) -> None:
    if extraction.shape is None and len(values) == rows:
        return
    expected = (rows, *(extraction.shape or ()))
    if values.shape != expected:
        raise ShapeError(f"{extraction.name} must give {expected} for {rows} inputs; got {values.shape}.")
