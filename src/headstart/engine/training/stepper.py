"""One optimizer step: forward, backward, clipping, in parts where memory is short, together with other processes."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from headstart.core.training import AnyBatch, Objective, TrainMethod
from headstart.engine.training.model import TrainableModel
from headstart.engine.training.optimizer import make_optimizer, set_rate
from headstart.engine.training.parts import parts_of, size_of
from headstart.engine.training.peers import ALONE, Peers

logger = logging.getLogger(__name__)

OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


class DivergedError(Exception):
    """A loss that is not finite."""


class Stepper:
    """Moves a model by a method's loss.

    Args:
        model: Of the method.
        method: Gives groups and losses.
        objective: The task's loss.
        settings: The method's config.
        precision: "float32" or "bfloat16".
        peers: Other processes that take parts of each batch.
        say: Told of what is worth saying once.
    """

    def __init__(
        self,
        model: TrainableModel,
        method: TrainMethod,
        objective: Objective,
        settings: Any,
        *,
        precision: str = "float32",
        peers: Peers = ALONE,
        say: Callable[[str], None] = logger.warning,
    ) -> None:
        self.model = model
        self.method = method
        self.objective = objective
        self.settings = settings
        self.precision = precision
        self.peers = peers
        self.say = say
        self.accumulate = settings.accumulate
        self.optimizer: torch.optim.Optimizer

    @property
    def is_ready(self) -> bool:
        """Whether there is an optimizer."""
        return hasattr(self, "optimizer")

    def regroup(self, *, anew: bool = False) -> None:
        """Ask the method for its groups; everything else is frozen."""
        groups = self.method.param_groups(self.model)
        trained = {id(value) for group in groups for value in group.parameters}
        for value in self.model.parameters():
            value.requires_grad_(id(value) in trained)
        before = None if anew else getattr(self, "optimizer", None)
        self.optimizer = make_optimizer(groups, self.settings.optimizer, self.settings.weight_decay, before)

    def step(self, batch: AnyBatch, lr: float, seed: int) -> dict[str, float]:
        """One optimizer step for each of the method's phases; losses by name.

        Where memory runs out, the batch is computed in twice as many parts from then on, and its gradient stays the
        same but for rounding.

        Raises:
            DivergedError: the loss is not finite.
        """
        self.model.train_mode()
        set_rate(self.optimizer, lr)
        found: dict[str, float] = {}
        for phase in range(self.method.phases):
            found.update(self._gradients(batch, seed, phase))
            if not math.isfinite(found["total"]):
                raise DivergedError(f"the training loss became {found['total']}")
            if self.settings.clip:
                torch.nn.utils.clip_grad_norm_(self.trained(), self.settings.clip)
            self.optimizer.step()
        return found

    def trained(self) -> list[nn.Parameter]:
        """Parameters that the optimizer moves."""
        return [value for group in self.optimizer.param_groups for value in group["params"]]

    def _gradients(self, batch: AnyBatch, seed: int, phase: int) -> dict[str, float]:
        while True:
            try:
                return self._once(batch, seed + phase, phase)
            except (RuntimeError, MemoryError) as error:
                text = str(error).lower()
                is_memory = isinstance(error, MemoryError) or any(words in text for words in OUT_OF_MEMORY)
                if not is_memory or self.accumulate >= size_of(batch):
                    raise
            self.accumulate *= 2
            self.say(
                f"memory ran out: each batch is computed in {self.accumulate} parts from now on; its gradient stays "
                "that of the whole batch"
            )

    def _once(self, batch: AnyBatch, seed: int, phase: int) -> dict[str, float]:
        torch.manual_seed(seed % 2**63)
        self.optimizer.zero_grad(set_to_none=True)
        found: dict[str, float] = {}
        own, share_of_own = self.peers.share(batch)
        for part, share in parts_of(own, self.accumulate):
            share *= share_of_own
            with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
                loss = self.method.step(self.model, part, self.objective, phase)
            (loss.total * share).backward()  # type: ignore[no-untyped-call]  # torch has no types here
            for name, value in {**loss.parts, "total": loss.total}.items():
                found[name] = found.get(name, 0.0) + float(value.detach()) * share
        return self.peers.add_up(self.trained(), found)
