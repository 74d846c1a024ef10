"""One bar for the whole run on a terminal, one line a step elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from headstart.cli.output import say

UNKNOWN_SECONDS = 0.5  # weight of a step that the plan gives no time for


class Bar(AbstractContextManager["Bar"]):
    """Draws the run's progress in units of the plan's seconds; the estimate corrects itself as steps end."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._seconds: dict[str, float] = {}
        self._done = 0.0
        self._weight = 0.0
        self._total = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def plan(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Take the plan's steps as the length of the bar."""
        self._seconds = {step["name"]: step["seconds"] or UNKNOWN_SECONDS for step in steps}
        self._bar.update(self._task, total=sum(self._seconds.values()))

    def step(self, name: str, total: int) -> None:
        """A step begins: everything before it is done."""
        self._done += self._weight
        self._weight = self._seconds.pop(name, 0.0)
        self._total = total
        self._bar.update(self._task, description=name, completed=self._done)

    def advance(self, count: int = 1) -> None:
        """Move by a share of the current step."""
        if self._total:
            self._bar.advance(self._task, self._weight * count / self._total)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._bar.console.print(text, markup=False, highlight=False)


class Lines(AbstractContextManager["Lines"]):
    """One line when a step begins, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def plan(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Nothing to draw."""

    def step(self, name: str, total: int) -> None:
        """Say that a step begins."""
        count = f" ({total:,})" if total else ""
        say(f"[{time.perf_counter() - self._start:6.1f} s] {name}{count}")

    def advance(self, count: int = 1) -> None:
        """Nothing to draw."""

    def note(self, text: str) -> None:
        """One line."""
        say(text)


class Quiet(Lines):
    """Says nothing."""

    def step(self, name: str, total: int) -> None:
        """Nothing to say."""

    def note(self, text: str) -> None:
        """Nothing to say."""


def listener(*, quiet: bool) -> Bar | Lines:
    """The fitting kind of progress for this stderr."""
    if quiet:
        return Quiet()
    return Bar() if sys.stderr.isatty() else Lines()
