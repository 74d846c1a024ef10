"""What a training step costs here: measured on real batches, before anything is promised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Ints
from headstart.core.training import AnyBatch
from headstart.engine.training.loop import Trainer
from headstart.engine.training.order import batches_of, by_length, permuted
from headstart.engine.training.state import State
from headstart.engine.training.tensors import put_back, taken

WARM, TIMED = 1, 2


@dataclass(frozen=True)
class StepCost:
    """Of one optimizer step.

    Attributes:
        wall, cpu: Seconds.
        rows: Examples in it; of two domains those that an epoch goes through.
    """

    wall: float
    cpu: float
    rows: int

    def epoch(self, rows: int) -> StepCost:
        """Of so many examples."""
        share = rows / self.rows
        return StepCost(self.wall * share, self.cpu * share, rows)


@contextmanager
def tried(trainer: Trainer) -> Iterator[None]:
    """Steps made in this context leave no trace in the trainer, but for parts that memory forced."""
    before, precision = taken(trainer.model), trainer.stepper.precision
    state = State(**trainer.state.to_dict())
    try:
        yield
    finally:
        state.accumulate = trainer.stepper.accumulate
        put_back(trainer.model, before)
        trainer.state, trainer.stepper.precision = state, precision
        trainer.stepper.regroup(anew=True)
        if trainer.average:
            trainer.average.tensors.clear()


def measure_step(trainer: Trainer, precision: str, rows: int | None = None) -> StepCost:
    """Time a few steps at a rate of zero; the trainer is left as it was.

    Args:
        trainer: Prepared.
        precision: To measure.
        rows: Examples of a step; a whole batch without it.
    """
    job = trainer.job
    chosen = typical(trainer)[:rows]
    view = 1 if job.views else 0
    with tried(trainer):
        trainer.stepper.precision = precision
        batch = trainer.read(view, chosen)
        _timed(trainer, batch, len(chosen), WARM)
        return _timed(trainer, batch, len(chosen), TIMED)


def typical(trainer: Trainer) -> Ints:
    """``(B,)`` rows of a batch as the first epoch reads them; with lengths, one about as long as batches are."""
    job, size = trainer.job, trainer.settings.batch_size
    order = permuted(job.passed, job.seed, 0)
    if job.lengths is None:
        return batches_of(order, size)[0]
    batches = by_length(order, job.lengths, size, job.seed, 0)
    longest = np.asarray([job.lengths[rows].max() for rows in batches])
    return batches[int(np.abs(longest - longest.mean()).argmin())]


def _timed(trainer: Trainer, batch: AnyBatch, rows: int, count: int) -> StepCost:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        trainer.step(batch, 0.0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return StepCost(wall / count, cpu / count, rows)
