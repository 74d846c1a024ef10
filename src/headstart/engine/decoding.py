"""Inputs read and prepared by threads, handed over in order, never more than a few ahead."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

from headstart.core.errors import DataError
from headstart.core.modality import Array, Preparer
from headstart.engine.memory_bound import MemoryBound
from headstart.engine.workers import Workers

AHEAD_BYTES = 128 << 20  # prepared and waiting; 64 pictures of 224 px take 10 MB, 64 recordings of 30 s 120 MB
# Inputs that cost this long together are one task: handing over a task takes some 30 microseconds, as long as
# preparing a short text.
TASK_SECONDS = 0.002
TASKS_PER_WORKER = 4  # as many wait for each thread, so that none is idle while another finishes a long one

Reads = tuple[int, Callable[[], bytes]]  # row, and how to read it


@dataclass
class Clock:
    """Where time went, in seconds; of the decoding, summed over its threads."""

    decode: float = 0.0
    wait: float = 0.0
    compute: float = 0.0
    keep: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """One input: its array, or why there is none."""

    row: int
    values: Array | None
    error: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return 0 if self.values is None else self.values.nbytes


def prepared(
    reads: Iterable[Reads],
    preparer: Preparer,
    *,
    workers: int,
    ahead: int,
    ahead_bytes: int = AHEAD_BYTES,
    clock: Clock | None = None,
) -> Generator[Prepared, None, None]:
    """Prepare inputs in the order given.

    Args:
        reads: Row number and how to read the row; drawn from only as far as needed.
        preparer: From bytes to arrays.
        workers: Threads; decoders and tokenizers work outside Python's lock.
        ahead: Inputs under way or waiting at any time.
        ahead_bytes: Of prepared arrays that wait; beyond it only the input that is waited for is prepared.
        clock: Gets the time spent preparing and waiting.
    """
    clock = clock or Clock()
    bound = MemoryBound(ahead_bytes)
    tasks = _Tasks(iter(reads), preparer, bound, workers, ahead)
    try:
        while future := tasks.next():
            began = time.perf_counter()
            results = future.result()
            clock.wait += time.perf_counter() - began
            tasks.learn(results)
            for result in results:
                clock.decode += result.seconds
                yield result
                bound.take(result.size)
                tasks.taken(1)
    finally:
        tasks.close()


class _Tasks:
    """Draws inputs and hands them to the threads, a few at a time where they are cheap."""

    def __init__(
        self, reads: Iterator[Reads], preparer: Preparer, bound: MemoryBound, workers: int, ahead: int
    ) -> None:
        self._reads, self._preparer, self._bound = reads, preparer, bound
        self._ahead = ahead
        self._largest_task = max(1, ahead // (TASKS_PER_WORKER * workers))
        self._task = 1  # inputs in the next task
        self._drawn = self._under_way = 0
        self._pending: deque[Future[list[Prepared]]] = deque()
        self._workers = Workers(workers, "decode")

    def next(self) -> Future[list[Prepared]] | None:
        """The oldest task, None when there are no more inputs."""
        if not self._pending:
            self._start()
        return self._pending.popleft() if self._pending else None

    def taken(self, count: int) -> None:
        """Inputs were taken: as many new ones may be started, once they are enough for a task."""
        self._under_way -= count
        if self._ahead - self._under_way >= self._task:
            self._start()

    def learn(self, results: list[Prepared]) -> None:
        """Adapt the size of tasks to what the last one took."""
        seconds = sum(result.seconds for result in results) / len(results)
        fitting = int(TASK_SECONDS / max(seconds, 1e-6))
        self._task = max(1, min(self._largest_task, fitting, 2 * self._task))

    def close(self) -> None:
        """An interrupted pass does not wait for the inputs under way."""
        self._bound.close()
        self._workers.stop()

    def _start(self) -> None:
        while self._under_way < self._ahead:
            reads = list(islice(self._reads, min(self._task, self._ahead - self._under_way)))
            if not reads:
                return
            self._pending.append(self._workers.submit(_prepare, reads, self._drawn, self._preparer, self._bound))
            self._drawn += len(reads)
            self._under_way += len(reads)


def _prepare(reads: list[Reads], first: int, preparer: Preparer, bound: MemoryBound) -> list[Prepared]:
    """Prepare the inputs of a task; ``first`` is the place of the first one in the order of taking."""
    results = []
    for row, read in reads:
        if not bound.enter(first):
            break
        result = _prepare_one(row, read, preparer)
        bound.hold(result.size)
        results.append(result)
    return results


def _prepare_one(row: int, read: Callable[[], bytes], preparer: Preparer) -> Prepared:
    began = time.perf_counter()
    try:
        values = preparer.prepare(read())
    except (DataError, OSError) as error:
        return Prepared(row, None, str(error) or type(error).__name__)
    except Exception as error:  # a decoder may fail in any way on foreign bytes; that is the row's failure
        return Prepared(row, None, f"cannot be decoded ({type(error).__name__}: {error})")
    return Prepared(row, values, seconds=time.perf_counter() - began)
