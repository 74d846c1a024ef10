"""Several processes that answer on one socket, watched over: one that ends by itself is started again."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType

from headstart.core.errors import BackendError
from headstart.serving.logs import log, set_up
from headstart.serving.settings import ServeConfig
from headstart.serving.worker import work

PAUSE_SECONDS = 1.0  # before a process that ended is started again
PATIENCE_SECONDS = 60.0  # for the first answers of all


class Workers:
    """The parent: opens nothing, computes nothing."""

    def __init__(self, listening: socket.socket, run: Path, config: ServeConfig, log_requests: bool) -> None:
        self._args = (listening, run, config, log_requests)
        self._count = config.workers
        self._context = multiprocessing.get_context("spawn")
        self._running: list[SpawnProcess] = []
        self._stopping = False

    def run(self, started: Callable[[], None]) -> None:
        """Until a signal ends it.

        Raises:
            BackendError: a process could not begin; its log says why.
        """
        set_up(requests=self._args[3])
        told = [self._start() for _ in range(self._count)]
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        self._await(told)
        if not self._stopping:
            started()
        while self._running:
            wait([process.sentinel for process in self._running], timeout=PAUSE_SECONDS)
            self._replace_ended()

    def _start(self) -> Connection:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(*self._args, theirs), name="worker")
        process.start()
        theirs.close()
        self._running.append(process)
        return ours

    def _await(self, told: list[Connection]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        for each in told:
            try:
                if each.poll(max(0.0, until - time.monotonic())) and each.recv():
                    continue
            except EOFError:
                pass
            if self._stopping:
                return
            self._signal(signal.SIGTERM)
            self._stopping = True
            raise BackendError("every worker must be able to begin; one was not. Its lines above say why.")

    def _replace_ended(self) -> None:
        ended = [process for process in self._running if not process.is_alive()]
        self._running = [process for process in self._running if process.is_alive()]
        if self._stopping or not ended:
            return
        log("a worker ended and is started again", 30, exit_codes=[process.exitcode for process in ended])
        time.sleep(PAUSE_SECONDS)
        for _ in ended:
            self._start()

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        self._stopping = self._stopping or number != signal.SIGHUP
        self._signal(number)

    def _signal(self, number: int) -> None:
        for process in self._running:
            if process.is_alive() and process.pid:
                os.kill(process.pid, number)


def _work(listening: socket.socket, run: Path, config: ServeConfig, log_requests: bool, told: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(listening, run, config, log_requests, partial(_tell, told))


def _tell(told: Connection) -> None:
    with contextlib.suppress(OSError):  # of a worker that was started again nobody waits to hear
        told.send(True)


def _end_with_parent() -> None:
    """A parent that was killed takes its workers along: nobody else would ever end them."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
