"""Batches of an epoch, read ahead by a thread; in order, whatever the number of threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from torch import Tensor

from headstart.core.learning import Ints
from headstart.engine.training.feed import Feed

AHEAD = 2  # batches: one is trained on while the next is read


def values_of(
    feed: Feed, stage: int, view: int, rows: Sequence[Ints], workers: int, ahead: int = AHEAD
) -> Iterator[Tensor]:
    """The values ``(B, ...)`` of each batch in turn.

    Args:
        feed: Reads them.
        stage: Where values enter.
        view: Of all batches.
        rows: Of each batch, ``(B,)``.
        workers: Threads that read; 0: read when it is asked for.
        ahead: Batches that wait.
    """
    if workers == 0:
        for some in rows:
            yield feed.read(stage, view, some)
        return
    waiting: deque[Future[Tensor]] = deque()
    left = iter(rows)
    with ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool:
        try:
            for some in islice(left, max(ahead, workers)):
                waiting.append(pool.submit(feed.read, stage, view, some))
            while waiting:
                values = waiting.popleft().result()
                for some in islice(left, 1):
                    waiting.append(pool.submit(feed.read, stage, view, some))
                yield values
        finally:
            for future in waiting:
                future.cancel()
