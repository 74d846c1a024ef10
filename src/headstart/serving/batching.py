"""Examples of many requests computed together: whatever waits when the processor is free, in the order it came."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from headstart.serving.models import Answered, Model, Ready, Row
from headstart.serving.refusals import Refusal, busy

FORGET = 0.1  # weight of the newest batch in the mean time of an example
FIRST_GUESS = 0.02  # seconds an example takes, before any was computed


@dataclass(eq=False)
class _Waiting:
    model: Model
    ready: Ready
    done: asyncio.Future[Row]


T = TypeVar("T")
Watch = Callable[[Model, Sequence[Ready], Answered, float], None]


class Batcher:
    """One computing thread, and what waits for it.

    Args:
        most: Examples in a batch.
        wait_seconds: How long a first example waits for others.
        limit: Examples that may wait.
        limit_seconds: Longest wait that may be expected.
        watch: Told of every batch, in the computing thread, with the seconds it took.
    """

    def __init__(
        self, *, most: int, wait_seconds: float, limit: int, limit_seconds: float, watch: Watch | None = None
    ) -> None:
        self._most, self._wait, self._limit, self._limit_seconds = most, wait_seconds, limit, limit_seconds
        self._watch = watch
        self._waiting: deque[_Waiting] = deque()
        self._held = 0  # examples that were let in and are not answered
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "compute")
        self.seconds_each = FIRST_GUESS
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to compute; call it inside the event loop."""
        self._loop_task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Nothing more comes; what waits is given up."""
        if self._loop_task:
            self._loop_task.cancel()
        for each in self._waiting:
            each.done.cancel()
        self._waiting.clear()
        await asyncio.to_thread(self._thread.shutdown)

    @property
    def held(self) -> int:
        """Examples that were let in and are not answered."""
        return self._held

    def check(self) -> None:
        """Before a body is read; raises Refusal 429 where one more example could not be answered in time."""
        self._admit(1)

    def enter(self, count: int) -> None:
        """Let ``count`` examples in, to be left by :meth:`leave`.

        Raises:
            Refusal: 429: as many wait already as can be answered in time.
        """
        self._admit(count)
        self._held += count

    def _admit(self, count: int) -> None:
        expected = self._held * self.seconds_each
        if self._held and (self._held + count > self._limit or expected > self._limit_seconds):
            raise busy(max(1, math.ceil(expected)))

    def leave(self, count: int) -> None:
        """They are answered, or nobody waits for them any more."""
        self._held -= count

    async def answer(self, model: Model, ready: Sequence[Ready]) -> list[Row]:
        """Rows of examples that were prepared for ``model``."""
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(model, each, loop.create_future()) for each in ready]
        self._waiting.extend(waiting)
        self._arrived.set()
        try:
            return [await each.done for each in waiting]
        except asyncio.CancelledError:
            for each in waiting:
                each.done.cancel()
            raise

    async def between_batches(self, work: Callable[[], T]) -> T:
        """Something else that needs the model alone, computed in turn with the batches."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            if self._wait and len(self._waiting) < self._most:
                await asyncio.sleep(self._wait)
            batch = self._take()
            if not batch:
                self._arrived.clear()
                continue
            began = time.perf_counter()
            try:
                rows = await loop.run_in_executor(self._thread, self._compute, batch)
            except Exception as error:  # a batch that fails must not stop the server
                _fail(batch, error)
                continue
            each = (time.perf_counter() - began) / len(batch)
            self.seconds_each += FORGET * (each - self.seconds_each)
            for waiting, row in zip(batch, rows, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(row)

    def _take(self) -> list[_Waiting]:
        """The oldest that are still wanted, of one model."""
        batch: list[_Waiting] = []
        while self._waiting and len(batch) < self._most:
            first = self._waiting[0]
            if first.done.done():
                self._waiting.popleft()
            elif batch and (first.model is not batch[0].model or len(batch) >= first.model.most):
                break
            else:
                batch.append(self._waiting.popleft())
        return batch

    def _compute(self, batch: Sequence[_Waiting]) -> list[Row]:
        began = time.perf_counter()
        model, ready = batch[0].model, [each.ready for each in batch]
        answered = model.answer(ready)
        if self._watch:
            self._watch(model, ready, answered, time.perf_counter() - began)
        return answered.rows


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for each in batch:
        if not each.done.done():
            each.done.set_exception(
                error if isinstance(error, Refusal) else RuntimeError(f"computing failed ({type(error).__name__})")
            )
