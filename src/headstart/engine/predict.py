"""The predict loop: inputs of any number through a function, batch by batch; failures are rows, not exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.resources import cpu_count
from headstart.engine.decoding import Pixels, prepared

if TYPE_CHECKING:
    from headstart.data.inputs import Inputs

BATCH_SIZE = 32
AHEAD_BATCHES = 2
MANY_ERRORS = 1000  # handed over although the batch is not full, so that a folder of bad files does not pile up


@dataclass(frozen=True)
class Chunk:
    """Some consecutive inputs.

    Attributes:
        rows: ``(b,)`` int64: positions of those that were computed, ascending.
        outputs: What ``compute`` gave for them: an array ``(b, ...)`` or a tuple of arrays.
        errors: Reason by position, for those that could not be read or decoded.
    """

    rows: NDArray[np.int64]
    outputs: Any
    errors: dict[int, str]


def stream(
    inputs: Iterable[Inputs] | Inputs,
    preprocessing: ImagePreprocessing,
    compute: Callable[[NDArray[np.uint8]], Any],
    *,
    workers: int | None = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Chunk]:
    """Predict for inputs in order; memory does not grow with their number.

    Args:
        inputs: Encoded inputs, or an iterable of such (drawn from as needed); positions count on across them.
        preprocessing: From bytes to pixels.
        compute: ``(B, H, W, 3)`` uint8 to an array ``(B, ...)`` or a tuple of them. Called with ``batch_size``
            pictures, fewer at the end and after MANY_ERRORS, never none.
        workers: Threads that decode; default: one per processor.
        batch_size: Pictures at a time.

    Yields:
        Chunks that cover every position once, in order; one that holds errors alone has None for outputs.
    """
    pixels: list[Pixels] = []
    rows: list[int] = []
    errors: dict[int, str] = {}
    pictures = prepared(
        enumerate(_reads(inputs)),
        preprocessing,
        workers=workers or cpu_count(),
        ahead=AHEAD_BATCHES * batch_size,
    )
    for picture in pictures:
        if picture.pixels is None:
            errors[picture.row] = picture.error
        else:
            rows.append(picture.row)
            pixels.append(picture.pixels)
        if len(rows) == batch_size or len(errors) == MANY_ERRORS:
            yield _chunk(rows, pixels, errors, compute)
            rows, pixels, errors = [], [], {}
    if rows or errors:
        yield _chunk(rows, pixels, errors, compute)


def _chunk(
    rows: list[int], pixels: list[Pixels], errors: dict[int, str], compute: Callable[[NDArray[np.uint8]], Any]
) -> Chunk:
    outputs = compute(np.stack(pixels)) if rows else None
    return Chunk(np.array(rows, dtype=np.int64), outputs, errors)


def _reads(inputs: Iterable[Inputs] | Inputs) -> Iterator[Callable[[], bytes]]:
    parts: Iterable[Inputs] = [inputs] if hasattr(inputs, "read") else inputs  # type: ignore[list-item]  # told by "read"
    for part in parts:
        for i in range(len(part)):
            yield partial(part.read, i)
