"""Threads that work through tasks in order, and that do not keep the process alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")
Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class Workers:
    """Like ``ThreadPoolExecutor``, whose threads an interrupted process would wait for: these end with it."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=_work, args=(self._tasks,), name=f"{name}_{number}", daemon=True).start()

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Call ``function`` in a thread; tasks start in the order they came."""
        future: Future[Result] = Future()
        self._tasks.put((future, function, arguments))
        return future

    def stop(self) -> None:
        """The threads end once they have done what was submitted; this does not wait for them."""
        for _ in range(self._count):
            self._tasks.put(None)


def _work(tasks: SimpleQueue[Task | None]) -> None:
    while (task := tasks.get()) is not None:
        future, function, arguments = task
        try:
            future.set_result(function(*arguments))
        except BaseException as error:  # raised to whoever asks for the result
            future.set_exception(error)
        del task, future  # a thread that waits must not keep the last result
