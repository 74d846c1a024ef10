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
from headstart.serving.batching import Batcher
from headstart.serving.fetching import Fetcher
from headstart.serving.keys import Keys
from headstart.serving.metrics import Metrics
from headstart.serving.models import Answered, Model, Ready, Row
from headstart.serving.refusals import Refusal
from headstart.serving.requests import Read, examples_of
from headstart.serving.settings import ServeConfig
from headstart.serving.slots import Slots

LARGE_BODY = 256 << 10  # bytes from which on a body is parsed outside the event loop


class Service:
    """One process of a server.

    Attributes:
        config: Its settings.
        slots: Which bundle answers.
        metrics: What is counted.
        keys: Who may ask.
        draining: Whether it is about to stop.
        fetch: For inputs that come as URLs.
    """

    def __init__(self, run: Path, config: ServeConfig) -> None:
        self.config = config
        self.keys = Keys.of_file(config.api_key_file)
        self.slots = Slots(run, config, self._reloaded)
        self.metrics = Metrics(self.slots.current.shipped.class_names)
        self.metrics.model.labels(self.slots.current.name, self.slots.current.version).set(1)
        self.draining = False
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
        if config.reload_seconds:
            self._reloading = asyncio.create_task(self._look_for_bundles())

    async def stop(self) -> None:
        """After the last request."""
        if self._reloading:
            self._reloading.cancel()
        if self.batcher:
            await self.batcher.stop()
        self._decoders.shutdown(wait=False, cancel_futures=True)

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

    async def answer(self, reads: Sequence[Read], model: Model, other: Model | None = None) -> list[Row]:
        """A row for each example: "id", the columns of ``headstart predict``, "error".

        Raises:
            Refusal: 429, as many wait as can be answered in time.
        """
        gate = self.gate()
        gate.enter(len(reads))
        try:
            self.metrics.held.set(gate.held)
            ready = await asyncio.gather(*(self._prepared(read, model) for read in reads))
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
        return rows

    async def _prepared(self, read: Read, model: Model) -> Ready | str:
        """Decoded in the pool, or the reason why it cannot be used."""
        if read.example is None:
            return read.error or "cannot be used"
        try:
            return await asyncio.get_running_loop().run_in_executor(self._decoders, model.prepare, read.example)
        except DataError as error:
            return str(error) or "cannot be used"
        except MemoryError:
            return "needs more memory than there is"

    def _watched(self, model: Model, ready: Sequence[Ready], answered: Answered, seconds: float) -> None:
        self.metrics.batches.observe(len(ready))
        self.metrics.compute.observe(seconds)
        self.metrics.answered(model.name, answered.rows)

    def _reloaded(self, outcome: str, model: Model | None) -> None:
        self.metrics.reloads.labels(outcome).inc()
        if model:
            self.metrics.model.clear()
            self.metrics.model.labels(model.name, model.version).set(1)

    async def _look_for_bundles(self) -> None:
        while True:
            await asyncio.sleep(self.config.reload_seconds)
            await asyncio.to_thread(self.slots.refresh)


def row_of(read: Read, said: Row | None, failure: Any) -> Row:
    """The row of one example; of a bad one its id and the reason alone."""
    if said is None:
        return {"id": read.id, "prediction": None, "error": str(failure)}
    return {"id": read.id, **said, "error": None}
