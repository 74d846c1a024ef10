"""What people are told of a training while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.core.progress import Progress


class ToldTraining:
    """Passes a training on to the bar."""

    def __init__(self, progress: Progress, name: str, watched: str = "loss of held-out examples of the run") -> None:
        self.progress, self.name, self.watched = progress, name, watched

    def on_step(self, step: int, losses: Mapping[str, float], lr: float) -> None:
        """Move the bar."""
        self.progress.advance()

    def on_epoch(self, record: Mapping[str, Any]) -> None:
        """One line each."""
        self.progress.note(
            f"{self.name} epoch {record['epoch']}: training loss {record['train_loss']:.3f}, {self.watched} "
            f"{record['val_loss']:.3f}"
        )

    def on_message(self, text: str) -> None:
        """Pass it on."""
        self.progress.note(f"{self.name}: {text}")
