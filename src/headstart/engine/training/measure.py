"""What a training step costs here: measured on real batches, before anything is promised."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass

from headstart.engine.training.loop import Trainer
from headstart.engine.training.order import batches_of, permuted
from headstart.engine.training.tensors import put_back, taken

WARM, TIMED = 1, 3


@dataclass(frozen=True)
class StepCost:
    """Of one optimizer step.

    Attributes:
        wall, cpu: Seconds.
        rows: Examples in it.
    """

    wall: float
    cpu: float
    rows: int

    def epoch(self, rows: int) -> StepCost:
        """Of so many examples."""
        share = rows / self.rows
        return StepCost(self.wall * share, self.cpu * share, rows)


def measure_step(trainer: Trainer, precision: str) -> StepCost:
    """Time a few steps at a rate of zero; the trainer is left as it was."""
    before, state, usual = taken(trainer.model), copy.deepcopy(trainer.state), trainer.precision
    job = trainer.job
    batches = batches_of(permuted(len(job.train_rows), job.seed, 0), trainer.settings.batch_size)
    trainer.precision = precision
    values = job.feed.read(trainer.state.boundary, 1 if job.views else 0, job.train_rows[batches[0]])
    batch = trainer._batch(values, batches[0])
    for _ in range(WARM):
        trainer.step(batch, 0.0)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(TIMED):
        trainer.step(batch, 0.0)
    cost = StepCost((time.perf_counter() - wall) / TIMED, (time.process_time() - cpu) / TIMED, len(batches[0]))
    put_back(trainer.model, before)
    trainer.state, trainer.precision = state, usual
    trainer._regroup(anew=True)
    if trainer.average:
        trainer.average.tensors.clear()
    return cost
