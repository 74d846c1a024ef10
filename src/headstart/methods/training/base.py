"""A train method with a working default of every moment: what a method does not change, it inherits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from headstart.core.learning import Ints
from headstart.core.training import Change, Model, Objective, ParamGroup, StepLoss, TrainContext
from headstart.methods.training.groups import groups_by_stage
from headstart.methods.training.head import fill_head
from headstart.methods.training.settings import TrainConfig

if TYPE_CHECKING:
    from torch import Tensor


class Training:
    """Trains the stages above the boundary and the head with the task's loss, from the linear probe's head."""

    phases: ClassVar[int] = 1
    start: ClassVar[str] = "pretrained"
    begins: ClassVar[str] = "freeze"
    lr_scale: ClassVar[float] = 1.0
    ends: ClassVar[str] = "best"
    wants_plain: ClassVar[bool] = False

    def __init__(self, config: TrainConfig) -> None:
        self.config: Any = config

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Fill the head with the probe's."""
        fill_head(model.head, *ctx.probe_head())

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """Head and trained stages, each stage slower than the one after it by ``stage_decay``."""
        return groups_by_stage(model, self.config.stage_decay, self.config.head_lr_scale)

    def sampler(self, ctx: TrainContext) -> Ints | None:
        """As the engine orders them."""
        return None

    def on_epoch_start(self, model: Model, ctx: TrainContext) -> Change:
        """Nothing changes."""
        return Change()

    def step(self, model: Model, batch: Any, objective: Objective, phase: int) -> StepLoss:
        """The task's loss."""
        loss = objective(model(batch), batch)
        return StepLoss(loss, {"loss": loss.detach()})

    def on_step_end(self, model: Model, ctx: TrainContext) -> None:
        """Nothing is looked at."""

    def state(self) -> dict[str, Tensor]:
        """Nothing is carried."""
        return {}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Nothing to take back."""

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """Nothing was added."""
        return {}
