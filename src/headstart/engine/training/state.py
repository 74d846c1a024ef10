"""Where a training stands: plain numbers, written into every checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

TIME_IS_OVER = "the time that was given is over"  # why a training stopped that would go on with more time


@dataclass
class State:
    """Changed by the loop; everything random follows from it and the seed.

    Attributes:
        epoch: Epochs done.
        batch: Batches done of the epoch that has begun.
        step: Optimizer steps in all.
        factor: On the learning rate, halved by each step back.
        boundary: ``stages[:boundary]`` are frozen.
        accumulate: Parts that a batch is computed in.
        start_loss, start_score: Of the validation rows, before the first step.
        best_loss: Smallest validation loss.
        best_epoch: Epochs done at that point; 0: the start.
        worse: Epochs since it got better.
        loss_sum, loss_rows: Of the epoch that has begun.
        seconds, cpu_seconds: Of training, in the epoch that has begun.
        stopped: Why it ended early, or empty.
        history: One record for each epoch, the same for the same bits.
        timings: Seconds of each epoch.
        messages: What was said.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    factor: float = 1.0
    boundary: int = 0
    accumulate: int = 1
    start_loss: float = float("inf")
    start_score: float = float("nan")
    best_loss: float = float("inf")
    best_epoch: int = 0
    worse: int = 0
    loss_sum: float = 0.0
    loss_rows: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stopped: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    timings: list[dict[str, float]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON."""
        return asdict(self)
