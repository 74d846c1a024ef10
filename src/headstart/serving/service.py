"""What the endpoints share: the way from examples to rows, with its bounds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data.feedback import FeedbackStore
from headstart.serving.batching import Batcher
from headstart.serving.comparing import Comparison
from headstart.serving.explaining import Explained, explained
from headstart.serving.fetching import Fetcher
from headstart.serving.keeping import Kept
from headstart.serving.keys import Keys
from headstart.serving.metrics import Metrics
from headstart.serving.models import Answered, Model, Ready, Row
from headstart.serving.monitor import Monitor
from headstart.serving.recent import Recent
from headstart.serving.refusals import Refusal, unusable
from headstart.serving.requests import Read, examples_of
from headstart.serving.settings import ServeConfig
from headstart.serving.slots import Slots

MOST_COMPARED = 4  # requests whose examples the other model is asked about at once
EXPLANATION = 16  # what an explanation counts for among the examples that wait
LARGE_BODY = 256 << 10  # bytes from which on a body is parsed outside the event loop


class Service:
    """One process of a server.

    Attributes:
        config: Its settings.
        slots: Which bundle answers.
        metrics: What is counted.
        keys: Who may ask.
        draining: Whether it is about to stop.
        recent: The latest answers, where feedback is kept.
        feedback: What people said of answers, or None.
        kept: Inputs that are kept, or None.
        comparison: With the bundle beside, or None.
        monitor: Of the current bundle, or None.
        fetch: For inputs that come as URLs.
    """

    def __init__(self, run: Path, config: ServeConfig) -> None:
        self.config = config
        self.keys = Keys.of_file(config.api_key_file)
        self.slots = Slots(run, config, self._reloaded)
        self.metrics = Metrics(self.slots.current.shipped.class_names)
        self.metrics.model.labels(self.slots.current.name, self.slots.current.version).set(1)
        self.draining = False
        self.recent = Recent()
        self.feedback = FeedbackStore(config.feedback, config.keep_inputs) if config.feedback else None
        schema = self.slots.current.shipped.schema
        self.kept = Kept(config.keep_inputs, schema) if config.keep_inputs else None
        self.comparison = _comparison(self.slots)
        self.monitor = Monitor(config.monitor, self.metrics, self.slots.current) if config.monitor.enabled else None
        self._ticking: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        threads = config.threads or max(1, (os.cpu_count() or 1) // config.workers)
        self._decoders = ThreadPoolExecutor(threads, "decode")
        self.fetch = Fetcher(config.fetch_from, config.limits.body_bytes)
        self.batcher: Batcher | None = None
        self._reloading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to compute and to look for new bundles."""
        config = self.config
        self.batcher = Batcher(
            most=config.batch,
            wait_seconds=config.batch_wait_ms / 1000,
            limit=config.queue,
            limit_seconds=config.queue_seconds,
            watch=self._watched,
        )
        self.batcher.start()
        if self.monitor is not None:
            self._ticking = asyncio.create_task(self.monitor.tick())
        if config.reload_seconds:
            self._reloading = asyncio.create_task(self._look_for_bundles())

    async def stop(self) -> None:
        """After the last request."""
        if self._reloading:
            self._reloading.cancel()
        if self.batcher:
            await self.batcher.stop()
        for task in self._beside:
            task.cancel()
        self._decoders.shutdown(wait=False, cancel_futures=True)
        if self._ticking:
            self._ticking.cancel()
        if self.monitor is not None:
            await asyncio.to_thread(self.monitor.close)
        if self.feedback:
            self.feedback.close()

    def gate(self) -> Batcher:
        """What lets requests in; raises Refusal 503 before it was started."""
        if self.batcher is None:
            raise Refusal(503, "starting", "the server is starting; send the request again.", 1)
        return self.batcher

    async def read(self, body: bytes, content_type: str, model: Model) -> list[Read]:
        """Examples of a request's body, see :func:`headstart.serving.requests.examples_of`."""
        parse = partial(examples_of, body, content_type, model.shipped.schema, self.config.limits.examples, self.fetch)
        if len(body) < LARGE_BODY and not self.config.fetch_from:
            return parse()
        return await asyncio.get_running_loop().run_in_executor(self._decoders, parse)

    async def answer(
        self, reads: Sequence[Read], model: Model, other: Model | None = None, request_id: str = ""
    ) -> list[Row]:
        """A row for each example: "id", the columns of ``headstart predict``, "error".

        Where another model is compared, it is asked afterwards, and only while little waits.

        Raises:
            Refusal: 429, as many wait as can be answered in time.
        """
        gate = self.gate()
        gate.enter(len(reads))
        try:
            self.metrics.held.set(gate.held)
            ready = await asyncio.gather(*(self._prepared(read, model, request_id) for read in reads))
            usable = [each for each in ready if isinstance(each, Ready)]
            answered = iter(await gate.answer(model, usable) if usable else [])
            rows = [
                row_of(read, next(answered) if isinstance(each, Ready) else None, each)
                for read, each in zip(reads, ready, strict=True)
            ]
        finally:
            gate.leave(len(reads))
            self.metrics.held.set(gate.held)
        if bad := len(reads) - len(usable):
            self.metrics.bad.labels(model.name).inc(bad)
            if self.monitor is not None:
                self.monitor.unusable(model, bad)
        await self._remember(reads, rows, model, request_id)
        if other is not None and gate.held <= self.config.batch and len(self._beside) < MOST_COMPARED:
            task = asyncio.create_task(self._compare(reads, rows, model, other))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)
        return rows

    async def explain(self, read: Read, model: Model) -> Explained:
        """Which parts of one example the answer rests on.

        Raises:
            Refusal: 422, the example cannot be used; 429, as many wait as can be answered in time.
        """
        gate = self.gate()
        gate.enter(EXPLANATION)
        try:
            ready = await self._prepared(read, model)
            if not isinstance(ready, Ready):
                raise unusable(f"the input must be readable; it is not: {ready}.")
            return await gate.between_batches(partial(explained, model, ready))
        finally:
            gate.leave(EXPLANATION)

    async def _remember(self, reads: Sequence[Read], rows: Sequence[Row], model: Model, request_id: str) -> None:
        """For feedback: what was said, and the inputs where the operator wants them kept."""
        contents: list[str | None] = [None] * len(rows)
        if self.kept is not None:
            loop, keep = asyncio.get_running_loop(), self.kept.keep
            good = [row for row, each in enumerate(rows) if each["error"] is None]
            examples = [reads[row].example for row in good]
            names = await asyncio.gather(
                *(loop.run_in_executor(self._decoders, keep, each) for each in examples if each)
            )
            for row, name in zip(good, names, strict=True):
                contents[row] = name
        if self.feedback is not None:
            self.recent.add(request_id, model.name, model.version, rows, contents)

    async def _compare(self, reads: Sequence[Read], rows: Sequence[Row], model: Model, other: Model) -> None:
        """The other model's answers beside those that were given."""
        gate = self.gate()
        ready = await asyncio.gather(*(self._prepared(read, other) for read in reads))
        pairs = [(row, each) for row, each in zip(rows, ready, strict=True)
                 if isinstance(each, Ready) and row["error"] is None]  # fmt: skip
        if not pairs or self.comparison is None:
            return
        others = await gate.answer(other, [each for _, each in pairs])
        for (row, _), second in zip(pairs, others, strict=True):
            first, second = (second, row) if model is self.slots.beside else (row, second)
            self.metrics.pairs.labels(str(self.comparison.add(first, second)).lower()).inc()

    async def _prepared(self, read: Read, model: Model, request_id: str = "") -> Ready | str:
        """Decoded in the pool, or the reason why it cannot be used."""
        if read.example is None:
            return read.error or "cannot be used"
        try:
            name = f"{request_id}/{read.id}"
            return await asyncio.get_running_loop().run_in_executor(self._decoders, model.prepare, read.example, name)
        except DataError as error:
            return str(error) or "cannot be used"
        except MemoryError:
            return "needs more memory than there is"

    def _watched(self, model: Model, ready: Sequence[Ready], answered: Answered, seconds: float) -> None:
        self.metrics.batches.observe(len(ready))
        self.metrics.compute.observe(seconds)
        self.metrics.answered(model.name, answered.rows)
        if self.monitor is not None:
            self.monitor.seen(model, ready, answered)

    def _reloaded(self, outcome: str, model: Model | None) -> None:
        self.metrics.reloads.labels(outcome).inc()
        if model:
            self.metrics.model.clear()
            self.metrics.model.labels(model.name, model.version).set(1)
            self.comparison = _comparison(self.slots)
            if self.monitor is not None:
                self.monitor.begin(model)

    async def _look_for_bundles(self) -> None:
        while True:
            await asyncio.sleep(self.config.reload_seconds)
            await asyncio.to_thread(self.slots.refresh)


def _comparison(slots: Slots) -> Comparison | None:
    if slots.beside is None:
        return None
    return Comparison(*(f"{each.name} {each.version}" for each in (slots.current, slots.beside)))


def row_of(read: Read, said: Row | None, failure: Any) -> Row:
    """The row of one example; of a bad one its id and the reason alone."""
    if said is None:
        return {"id": read.id, "prediction": None, "error": str(failure)}
    return {"id": read.id, **said, "error": None}
