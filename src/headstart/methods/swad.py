r"""SWAD: the mean of the weights of every step between where the validation loss stops falling and where it rises.

Cha et al., NeurIPS 2021, arXiv:2102.08604 (stochastic weight averaging densely): a mean of many near points lies in the
flat middle of the valley, and what is flat for the domains that were seen is so for another one more often. With the
validation losses :math:`E_1, E_2, \dots` of one look after another, it begins at the first :math:`E_s` that none of the
next :math:`N_s - 1` undercuts, bounds the valley by r times the mean of those :math:`N_s`, and ends once :math:`N_e` in
turn lie above the bound.

Ours: what lies between two looks is a segment, and a look is at the mean of its steps, since that is what would be
averaged. A segment above the bound is left out, where the paper takes all up to the end: where the engine went back
after a divergence there are such. Where r times a later loss lies below :math:`E_s`, it begins anew: segments of a
short training are few steps, so it may rest on the way down. Where no segment begins a valley, the mean is that of the
lowest one and those after it. Where r times the loss of the start lies below that of the mean, the training left the
probe's valley and did not come back, as at a rate that is too high: then the best point stays.
Statistics of BatchNorm stay those of the pretraining, as there; with ``norm=batch`` they are averaged like weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.search import Choice, Space
from headstart.core.training import Model, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.interpolation import between
from headstart.methods.training.settings import TrainConfig, changed

if TYPE_CHECKING:
    from torch import Tensor


class SwadConfig(TrainConfig):
    """A constant rate, as in the paper, and its patience; how often to look is ours: a training here is short."""

    space: ClassVar[Space] = {**TrainConfig.space, "tolerance": Choice((1.2, 1.3))}

    usual_epochs: int = changed("usual_epochs", 8)
    schedule: Literal["one_cycle", "cosine", "constant"] = changed("schedule", "constant")
    looks: int = Field(16, ge=1, description="How often the validation loss is looked at, evenly over the steps.")
    optimum_patience: int = Field(3, ge=1, description="Looks of which the first is the lowest where it begins.")
    overfit_patience: int = Field(6, ge=1, description="Looks in turn above the bound after which it is over.")
    tolerance: float = Field(1.3, ge=1, description="The bound, as a multiple of the mean loss where it begins.")


@dataclass(frozen=True)
class Segment:
    """Some steps.

    Attributes:
        mean: Of the trained tensors, of any shape, by name.
        steps: How many.
        loss: Validation loss of the mean; NaN before it was looked at.
    """

    mean: dict[str, Tensor]
    steps: int = 1
    loss: float = math.nan


def joined(one: Segment | None, other: Segment) -> Segment:
    """Both, each step counting alike."""
    if one is None:
        return other
    steps = one.steps + other.steps
    return Segment(between(one.mean, other.mean, other.steps / steps), steps)


class Swad(Training):
    """Watches the steps of a training and averages some."""

    lr_scale: ClassVar[float] = 0.5  # a constant rate goes as far as a cycle up to twice as much

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the probe's, and remember the start; nothing was seen yet."""
        super().prepare(model, ctx)
        self.began = ctx.taken(model)
        steps = ctx.epochs * math.ceil(len(ctx.targets("train")) / self.config.batch_size)
        self.length = math.ceil(steps / self.config.looks)
        self.open: Segment | None = None  # since the last look
        self.window: list[Segment] = []  # the lowest so far and those after it, until the valley begins
        self.valley: Segment | None = None
        self.floor, self.bound, self.above = math.nan, math.nan, 0
        self.losses: list[float] = []

    def on_step_end(self, model: Model, ctx: TrainContext) -> None:
        """Take the step into the mean of its segment, and look where that is full."""
        self.open = joined(self.open, Segment(ctx.taken(model)))
        if self.open.steps == self.length:
            self._look(model, ctx)

    def _look(self, model: Model, ctx: TrainContext) -> None:
        assert self.open is not None  # noqa: S101 - called where there are steps
        here = ctx.taken(model)
        ctx.put_back(model, self.open.mean)
        found, self.open = replace(self.open, loss=ctx.validate(model)), None
        ctx.put_back(model, here)
        self.losses.append(found.loss)
        if self.valley is not None:
            self._follow(found)
        elif math.isfinite(found.loss):
            self._begin(found)

    def _begin(self, found: Segment) -> None:
        """One more before the valley has begun."""
        is_lower = not self.window or found.loss < self.window[0].loss
        self.window = [found] if is_lower else [*self.window, found]
        if len(self.window) == self.config.optimum_patience:
            self.floor = self.window[0].loss
            self.bound = self.config.tolerance * sum(each.loss for each in self.window) / len(self.window)
            (self.valley, *others), self.window = self.window, []
            for each in others:
                self._follow(each)

    def _follow(self, found: Segment) -> None:
        """One more since the valley began."""
        if self.above == self.config.overfit_patience:
            return
        if found.loss * self.config.tolerance < self.floor:
            self.valley, self.window, self.above = None, [found], 0
        elif found.loss <= self.bound:
            self.valley, self.above = joined(self.valley, found), 0
        else:
            self.above += 1

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Leave the model at the mean, or at the best point where the mean is clearly worse than the start."""
        if self.open is not None:
            self._look(model, ctx)
        told: dict[str, Any] = {"losses": [loss if math.isfinite(loss) else None for loss in self.losses]}
        told["bound"] = None if self.valley is None else self.bound
        for each in self.window:
            self.valley = joined(self.valley, each)
        if self.valley is None:
            return {**told, "steps": 0, "moved": False}
        best = ctx.taken(model)
        ctx.put_back(model, self.began)
        start_loss = ctx.validate(model)
        ctx.put_back(model, self.valley.mean)
        is_good = ctx.validate(model) <= self.config.tolerance * start_loss
        if not is_good:
            ctx.put_back(model, best)
        return {**told, "steps": self.valley.steps, "moved": is_good}

    def state(self) -> dict[str, Tensor]:
        """Means, tensors of any shape as ``"place/name"``, with steps and losses; bounds ``(3,)``, losses ``(n,)``."""
        import torch

        named = {"open": self.open, "valley": self.valley} | {str(at): each for at, each in enumerate(self.window)}
        found = {"losses": self.losses, "bounds": [self.floor, self.bound, self.above]}
        tensors: dict[str, Tensor] = {}
        for place, segment in named.items():
            if segment is not None:
                tensors |= {f"{place}/{name}": value for name, value in segment.mean.items()}
                found[place] = [segment.steps, segment.loss]
        return tensors | {name: torch.tensor(numbers, dtype=torch.float64) for name, numbers in found.items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what :meth:`state` gave, in the same shapes."""

        def segment(place: str) -> Segment | None:
            if place not in state:
                return None
            prefix = f"{place}/"
            mean = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
            steps, loss = state[place].tolist()
            return Segment(mean, int(steps), loss)

        self.open, self.valley = segment("open"), segment("valley")
        self.window = [each for at in range(self.config.optimum_patience) if (each := segment(str(at)))]
        self.floor, self.bound, above = state["bounds"].tolist()
        self.above, self.losses = int(above), state["losses"].tolist()


PLUGIN = Plugin(
    build=Swad,
    title="Fine-tuning, dense averages (SWAD)",
    config=SwadConfig,
    kind="train",
    paper="arXiv:2102.08604",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
