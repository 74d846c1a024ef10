"""Pictures read and prepared by threads, handed over in order, never more than a few ahead."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.preprocessing import ImagePreprocessing

Pixels = NDArray[np.uint8]  # (H, W, 3)


@dataclass
class Clock:
    """Where time went, in seconds; of the decoding, summed over its threads."""

    decode: float = 0.0
    wait: float = 0.0
    compute: float = 0.0
    keep: float = 0.0


@dataclass(frozen=True)
class Prepared:
    """One input: its pixels, or why there are none."""

    row: int
    pixels: Pixels | None
    error: str = ""
    seconds: float = field(default=0.0, compare=False)


def prepared(
    reads: Iterable[tuple[int, Callable[[], bytes]]],
    preprocessing: ImagePreprocessing,
    *,
    workers: int,
    ahead: int,
    clock: Clock | None = None,
) -> Generator[Prepared, None, None]:
    """Prepare inputs in the order given.

    Args:
        reads: Row number and how to read the row; drawn from only as far as needed.
        preprocessing: From bytes to pixels.
        workers: Threads; Pillow decodes and resizes outside Python's lock.
        ahead: Inputs under way or waiting at any time, which bounds memory.
        clock: Gets the time spent decoding and waiting.
    """
    clock = clock or Clock()
    pending: deque[Future[Prepared]] = deque()
    source = iter(reads)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        while True:
            while len(pending) < ahead and (following := next(source, None)):
                pending.append(pool.submit(_prepare, *following, preprocessing))
            if not pending:
                return
            began = time.perf_counter()
            result = pending.popleft().result()
            clock.wait += time.perf_counter() - began
            clock.decode += result.seconds
            yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # an interrupted run ends without the inputs under way


def _prepare(row: int, read: Callable[[], bytes], preprocessing: ImagePreprocessing) -> Prepared:
    from headstart.data.preprocess import prepare

    began = time.perf_counter()
    try:
        pixels = prepare(read(), preprocessing)
    except (DataError, OSError) as error:
        return Prepared(row, None, str(error) or type(error).__name__)
    except Exception as error:  # a decoder may fail in any way on foreign bytes; that is the row's failure
        return Prepared(row, None, f"cannot be decoded ({type(error).__name__}: {error})")
    return Prepared(row, pixels, seconds=time.perf_counter() - began)
