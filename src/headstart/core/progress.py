"""Progress as events: the library reports, whoever listens decides how it looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what a long job is doing. The command line draws it; the library prints nothing."""

    def step(self, name: str, total: int) -> None:
        """A named step of the plan begins and will count ``total`` units (0 when it cannot be counted)."""

    def advance(self, count: int = 1) -> None:
        """``count`` more units of the current step are done."""

    def note(self, text: str) -> None:
        """A line worth reading while it runs."""


class Silent:
    """A listener that ignores everything."""

    def step(self, name: str, total: int) -> None:
        """Ignore."""

    def advance(self, count: int = 1) -> None:
        """Ignore."""

    def note(self, text: str) -> None:
        """Ignore."""
