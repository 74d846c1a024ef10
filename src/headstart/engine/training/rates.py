"""The learning rate: a short range test that starts from the pretrained loss and refuses divergence.

Smith, WACV 2017, arXiv:1506.01186, with one difference: there the rate at which the loss falls fastest is taken, here
only the rate from which it rises is looked for, near the method's own rate, which is kept well below it. A few steps
say little about the best rate, but much about what is too much.
"""

from __future__ import annotations

import logging

import numpy as np

from headstart.core.seeding import generator
from headstart.engine.training.loop import Trainer
from headstart.engine.training.measure import tried
from headstart.engine.training.order import batches_of
from headstart.engine.training.stepper import DivergedError

logger = logging.getLogger(__name__)

FACTORS = (0.25, 0.5, 1.0, 2.0)  # on the method's own rate, one step after another
ROWS = 16  # examples a step
RISE = 1.5  # times the pretrained loss, from which a rate is too much
MARGIN = 2.0  # the rate taken is this much below the first that was too much


def range_test(trainer: Trainer, usual: float) -> float:
    """The usual rate, or less where the loss rises before it; the trainer is left as it was.

    Args:
        trainer: Prepared, nothing trained yet.
        usual: The method's rate for this kind of network.
    """
    with tried(trainer):
        lr, losses = _first_rise(trainer, usual)
    chosen = min(usual, lr / MARGIN) if lr else usual
    logger.info("range test of %s: losses %s, rate %.2g", trainer.job.name, losses, chosen)
    return chosen


def _first_rise(trainer: Trainer, usual: float) -> tuple[float | None, list[float]]:
    """The rate at which the loss had clearly risen; None where it never did."""
    job = trainer.job
    order = generator(job.seed, "range test", job.name).permutation(job.passed)
    batches = batches_of(order, ROWS)
    losses: list[float] = []
    # Of the validation rows: the probe fits its own rows so well that a batch of them says nothing.
    limit = RISE * trainer.context.validate(trainer.model)
    view = 1 if job.views else 0
    trainer.ensure(view, np.arange(len(trainer.rows)))
    for number, factor in enumerate(FACTORS):
        lr = factor * usual
        batch = trainer.read(view, batches[number % len(batches)])
        try:
            losses.append(trainer.step(batch, lr)["total"])
        except DivergedError:
            return lr, losses
        if not losses[-1] <= max(limit, RISE * losses[0]):
            return lr, losses
    return None, losses
