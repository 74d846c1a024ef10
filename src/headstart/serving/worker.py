"""One process's share of the work: it loads the bundle, answers, and stops in order."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from headstart.runtimes.process_settings import limit_spinning
from headstart.serving.logs import log, set_up
from headstart.serving.settings import ServeConfig

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 65  # longer than balancers keep idle connections, so that they and not we close them
GRACEFUL_SECONDS = 30


class Server(uvicorn.Server):
    """Goes on taking requests for a while after SIGTERM, so that balancers notice before anything is refused.

    Args:
        config: Of uvicorn.
        drain: Called at the first signal.
        seconds: How long requests are taken after that.
    """

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None], seconds: float) -> None:
        super().__init__(config)
        self._drain, self._seconds = drain, seconds
        self._until: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal drains, a second one stops now; the process ends with 0 either way."""
        if self._until is not None:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True
            return
        self._drain()
        self._until = time.monotonic() + (self._seconds if sig == signal.SIGTERM else 0.0)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if self._until is not None and time.monotonic() >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)


def work(
    listening: socket.socket, run: Path, config: ServeConfig, log_requests: bool, started: Callable[[], None]
) -> None:
    """One process's share: load the bundle, answer, stop when told."""
    limit_spinning()  # the allocator stays: it gives large pictures back to the system
    set_up(requests=log_requests)
    from headstart.serving.app import application
    from headstart.serving.service import Service

    service = Service(run, config)
    settings = uvicorn.Config(
        application(service),
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        server_header=False,
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
        lifespan="on",
    )

    def drain() -> None:
        service.draining = True

    server = Server(settings, drain, config.drain_seconds)
    with asyncio.Runner(loop_factory=settings.get_loop_factory()) as runner:
        runner.run(_answer(server, listening, service.slots.refresh, started))
    log("stopped")


async def _answer(
    server: Server, listening: socket.socket, refresh: Callable[[], bool], started: Callable[[], None]
) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, refresh))
    answering = asyncio.create_task(server.serve(sockets=[listening]))
    while not (server.started or answering.done()):
        await asyncio.sleep(0.01)
    if server.started:
        started()
    await answering
