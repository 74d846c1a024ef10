"""What a training tells while it runs: the bar, metrics.jsonl, TensorBoard for those who want it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headstart.core.errors import MissingExtraError

if TYPE_CHECKING:
    from headstart.core.progress import Progress
    from headstart.core.run_folder import RunFolder

LOGGED = ("train_loss", "val_loss", "val_score", "lr", "boundary", "seconds", "cpu_seconds")


class TrainLog:
    """See ``engine.training.job.TrainingListener``."""

    def __init__(self, name: str, folder: RunFolder, progress: Progress, *, tensorboard: bool = False) -> None:
        self.name = name
        self.folder = folder
        self.progress = progress
        self._writer = _writer(folder) if tensorboard else None

    def on_step(self, step: int, losses: Mapping[str, float], lr: float) -> None:
        """Move the bar."""
        self.progress.advance()
        if self._writer:
            for name, value in {**losses, "lr": lr}.items():
                self._writer.add_scalar(f"{self.name}/step/{name}", value, step)

    def on_epoch(self, record: Mapping[str, Any]) -> None:
        """Write the numbers of an epoch."""
        for name in LOGGED:
            if not math.isfinite(record[name]):  # JSON has no word for it; the evidence says that it diverged
                continue
            self.folder.scalar(f"training/{self.name}/{name}", record[name], record["epoch"])
            if self._writer:
                self._writer.add_scalar(f"{self.name}/{name}", record[name], record["epoch"])
        if self._writer:
            self._writer.flush()
        self.progress.note(
            f"{self.name} epoch {record['epoch']}: training loss {record['train_loss']:.3f}, validation loss "
            f"{record['val_loss']:.3f}"
        )

    def on_message(self, text: str) -> None:
        """Pass it on, with the training's name: several may run one after another."""
        self.progress.note(f"{self.name}: {text}")

    def close(self) -> None:
        """Nothing more will come."""
        if self._writer:
            self._writer.close()


def _writer(folder: RunFolder) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise MissingExtraError("tensorboard", "tensorboard", "--tensorboard") from None
    return SummaryWriter(log_dir=str(folder.path / "tensorboard"))
