"""What a training is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Fitted, Floats, Ints, Targets, Task
from headstart.core.training import TrainMethod
from headstart.engine.training.feed import Feed

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


@dataclass(frozen=True)
class TrainingJob:
    """A training.

    Attributes:
        name: Of the candidate.
        backbone: Where it starts; copied, never changed.
        method: What is trained and how; its config holds no "auto" for freeze and views.
        feed: Where batches come from.
        train_rows, val_rows: Positions among the feed's inputs.
        train_targets, val_targets: Of those rows.
        weights: ``(N,)`` of the training rows, or None.
        task: Gives the validation loss and score.
        probe: Weight ``(W, D)`` and bias ``(W,)`` float64 of the probe solved on the training rows, task's units.
        features: Pooled features ``(N, D)`` of the pretrained network: "train" or "val" rows.
        boundary: ``stages[:boundary]`` are frozen at first.
        views: Augmented views an epoch may read; 0: the evaluation view always.
        seed: Of the run.
        lengths: ``(N,)`` of the training rows, where rows of equal length are to be batched.
        chances: ``(N,)`` of the training rows, where they are to be drawn with replacement.
        device: Where it is trained.
        target_rows: Positions among the feed's inputs of another domain's rows, of which no targets are known; where
            there are no training rows, these alone are trained on.
        domains: ``(N,)`` numbers of the domains that the training rows are from; None: none were named.
    """

    name: str
    backbone: Backbone
    method: TrainMethod
    feed: Feed
    train_rows: Ints
    val_rows: Ints
    train_targets: Targets
    val_targets: Targets
    weights: Floats | None
    task: Task
    probe: tuple[NDArray[np.float64], NDArray[np.float64]]
    features: Callable[[str], NDArray[np.float32]]
    boundary: int
    views: int
    seed: int
    lengths: Ints | None = None
    chances: Floats | None = None
    device: str = "cpu"
    target_rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    domains: Ints | None = None

    @property
    def passed(self) -> int:
        """How many rows an epoch goes through: the training rows, or the target's where there are none."""
        return len(self.train_rows) or len(self.target_rows)


class TrainingListener(Protocol):
    """Told what happens, for the bar and the log."""

    def on_step(self, step: int, losses: Mapping[str, float], lr: float) -> None:
        """An optimizer step was made; ``losses`` by name."""

    def on_epoch(self, record: Mapping[str, Any]) -> None:
        """An epoch is done: epoch (from 1), train_loss, val_loss, val_score, lr, boundary, seconds."""

    def on_message(self, text: str) -> None:
        """Something worth saying once."""


class SilentListener:
    """Ignores everything."""

    def on_step(self, step: int, losses: Mapping[str, float], lr: float) -> None:
        """Ignore."""

    def on_epoch(self, record: Mapping[str, Any]) -> None:
        """Ignore."""

    def on_message(self, text: str) -> None:
        """Ignore."""


@dataclass(frozen=True)
class Trained:
    """The best point of a training.

    Attributes:
        backbone: In eval mode, of the same architecture.
        fitted: The linear head on its pooled features, in the task's units.
        best_epoch: Epochs done at the best point; 0: no epoch ended better than it began.
        moved: Whether the network differs from the pretrained one.
        val_outputs: ``(V, W)`` of the validation rows, in the task's units.
        report: JSON: history, losses, settings as resolved, messages.
    """

    backbone: Backbone
    fitted: Fitted
    best_epoch: int
    moved: bool
    val_outputs: Floats
    report: Mapping[str, Any] = field(default_factory=dict)
