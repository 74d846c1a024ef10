"""Where a training stands: plain numbers, so that a checkpoint can hold them as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class State:
    """Counters and history.

    Attributes:
        epoch: The epoch under way, from 0; ``epochs`` when all are done.
        batch: Batches of it that are done.
        step: Optimizer steps done.
        boundary: ``stages[:boundary]`` are frozen.
        factor: On the learning rate, halved at each step back.
        start_loss, best_loss: Validation loss before training, and of the best point.
        best_epoch: Epochs done at the best point; 0: the start.
        worse: Epochs since the best point.
        loss_sum, loss_rows: Of the epoch under way.
        history: One record per finished epoch.
        messages: What had to be said, once each.
        stopped: Why it ended before all epochs; "".
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    boundary: int = 0
    factor: float = 1.0
    start_loss: float = 0.0
    start_score: float = 0.0
    best_loss: float = 0.0
    best_epoch: int = 0
    worse: int = 0
    loss_sum: float = 0.0
    loss_rows: int = 0
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    stopped: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return asdict(self)
