"""A network that learns to be as its teacher is: the train method, run by the engine's own loop.

It looks at the same view of an input that the teacher looked at (Beyer et al., CVPR 2022, arXiv:2106.05237).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from pydantic import Field

from headstart.compression.distillation import answer_loss, distance_loss, feature_loss, linear_map
from headstart.core.training import Change, Model, Objective, ParamGroup, StepLoss, TrainContext, UnlabeledBatch
from headstart.methods.training.base import Training
from headstart.methods.training.groups import split_by_decay
from headstart.methods.training.settings import Auto, TrainConfig, changed
from headstart.request.train_request import TrainRequest

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.core.learning import Ints
    from headstart.core.training import TrainMethod
    from headstart.engine.training.feed import Feed

NAME, MAP = "student", "to_teacher"
READ = 256  # rows whose features are read at once


class StudentConfig(TrainConfig):
    """Settings of a training, and how much each thing that is taught weighs."""

    usual_epochs: int = changed("usual_epochs", 8)
    views: int | Auto = changed("views", 2)
    features: float = Field(1.0, ge=0, description="Weight of the teacher's features.")
    distances: float = Field(1.0, ge=0, description="Weight of the distances between the rows of a batch.")
    answers: float = Field(1.0, ge=0, description="Weight of the answers of the teacher's head.")
    temperature: float = Field(2.0, gt=0, description="By which logits are divided before they are compared.")


@dataclass(frozen=True)
class Teacher:
    """What is known of the larger network.

    Attributes:
        feed: Over the same inputs, by view.
        rows: ``(m,)`` positions of the rows that teach among them.
        stage: Boundary of its pooled features.
        mean, spread: ``(D,)`` by which they are standardised.
        weight, bias: ``(W, D)`` and ``(W,)`` of a head on standardised features, in the model's units, that was solved
            on the rows that teach alone.
    """

    feed: Feed
    rows: Ints
    stage: int
    mean: Tensor
    spread: Tensor
    weight: Tensor
    bias: Tensor

    def features(self, view: int, rows: Ints) -> Tensor:
        """``(B, D)`` standardised, of rows by their place among those that teach."""
        places = self.rows[rows]
        self.feed.ensure(self.stage, view, places)  # steps that are measured read a view of which little is kept
        return (self.feed.read(self.stage, view, places) - self.mean) / self.spread

    def answers(self, features: Tensor) -> Tensor:
        """``(B, W)`` of standardised features."""
        return features @ self.weight.T + self.bias


class Student(Training):
    """Begins where ridge regression tells the teacher's features best, and goes on to its last epoch."""

    ends: ClassVar[str] = "last"

    def __init__(self, config: StudentConfig, teacher: Teacher) -> None:
        super().__init__(config)
        self.teacher = teacher
        self.view = 1 if config.views else 0

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Solve the map to the teacher's features, and begin with the head that it makes of the teacher's."""
        import torch
        from torch import nn

        count = len(self.teacher.rows)
        self.teacher.feed.ensure(self.teacher.stage, 0, self.teacher.rows)
        parts = [self.teacher.features(0, np.arange(low, min(low + READ, count))) for low in range(0, count, READ)]
        ours = ctx.embed(model, "target").float().cpu()
        weight, bias = linear_map(ours, torch.cat(parts))
        self.map = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            self.map.weight.copy_(weight)
            self.map.bias.copy_(bias)
            model.head.weight.copy_(self.teacher.weight @ weight)
            model.head.bias.copy_(self.teacher.answers(bias))
        _module(model).add_module(MAP, self.map)

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head, map and trained stages."""
        return [*super().param_groups(model), *split_by_decay(MAP, self.map.parameters(), 1.0)]

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """Have ready what the teacher says of this epoch's view."""
        from headstart.engine.training.order import view_of

        self.view = view_of(ctx.epoch, self.config.views, ctx.seed)
        self.teacher.feed.ensure(self.teacher.stage, self.view, self.teacher.rows)
        return Change()

    def step(self, model: Model, batch: UnlabeledBatch, objective: Objective, phase: int) -> StepLoss:
        """All that is taught, in float32 whatever the precision."""
        import torch

        features = model.features(batch)
        with torch.autocast(features.device.type, enabled=False):
            ours = features.float()
            told = self.teacher.features(self.view, batch.rows).to(ours.device)
            config, parts = self.config, {}
            if config.features:
                parts["features"] = config.features * feature_loss(self.map(ours), told)
            if config.distances:
                parts["distances"] = config.distances * distance_loss(ours, told)
            if config.answers:
                said, wanted = model.outputs(ours), self.teacher.answers(told)
                parts["answers"] = config.answers * answer_loss(said, wanted, objective.kind, config.temperature)
            total = torch.stack(list(parts.values())).sum()
        return StepLoss(total, {name: value.detach() for name, value in parts.items()})

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Take the map away."""
        delattr(model, MAP)
        return {"moved": True}


@dataclass(frozen=True)
class StudentRequest(TrainRequest):
    """The one train method of this room, with its teacher."""

    teacher: Teacher | None = None

    def config(self, settings: dict[str, Any] | None = None) -> Any:
        """From the options or from resolved settings; raises ConfigError for what it does not have."""
        return StudentConfig.parse(self.options if settings is None else settings, "a student")

    def method(self, config: Any) -> TrainMethod:
        """Built from a config."""
        assert self.teacher is not None  # noqa: S101 - a student without one is never asked for
        method: TrainMethod = cast("Any", Student(config, self.teacher))  # class data where the protocol has fields
        return method

    def frozen_at(self, boundary: int) -> StudentRequest:
        """With its depth settled."""
        return replace(self, options={**self.options, "freeze": boundary})


def _module(model: Model) -> Any:
    """The model as the torch module that it is."""
    return model
