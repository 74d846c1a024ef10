"""What a training has at hand while it is settled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.learning import Ints, Targets, Task
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import Feed, KeptFeed
    from headstart.engine.training.job import TrainingJob
    from headstart.request.train_request import TrainRequest


@dataclass(frozen=True)
class Place:
    """What settling needs to know.

    Attributes:
        request: The method.
        kept: A feed over the pretrained network (of random weights for a method that starts from them).
        rows: Training rows among the feed's inputs.
        val: Validation rows.
        targets, task: Of the training rows.
        job_of: A job from method, feed, boundary and views.
        cache_bytes: Size of the cache.
        deadline: ``time.monotonic()`` at which the training must be over; infinity without a limit.
        probe_loss: Held-out loss of the probe that the training begins from.
    """

    request: TrainRequest
    kept: KeptFeed
    rows: Ints
    val: Ints
    targets: Targets
    task: Task
    job_of: Callable[[TrainMethod, Feed, int, int], TrainingJob]
    cache_bytes: int
    deadline: float
    seed: int
    probe_loss: float

    @property
    def left(self) -> float:
        """Seconds."""
        return self.deadline - time.monotonic()
