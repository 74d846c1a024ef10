"""L2-SP: LP-FT that is drawn back to where it began, instead of towards zero.

Li, Grandvalet & Davoine, ICML 2018, arXiv:1802.01483: half of ``alpha`` times the squared distance of the network from
its pretrained weights, and half of ``beta`` times the squared norm of the new head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.search import LogRange, Space
from headstart.core.training import Batch, Model, Objective, StepLoss, TrainContext
from headstart.methods.training.base import Training
from headstart.methods.training.settings import TrainConfig, changed

if TYPE_CHECKING:
    from torch import Tensor


class L2SpConfig(TrainConfig):
    """Alpha and beta of the paper's grid that its authors found to serve on most sets."""

    space: ClassVar[Space] = {**TrainConfig.space, "alpha": LogRange(0.01, 1.0)}

    weight_decay: float = changed("weight_decay", 0.0)
    alpha: float = Field(0.1, ge=0, description="Of the distance from the pretrained weights.")
    beta: float = Field(0.01, ge=0, description="Of the head's norm.")


class L2Sp(Training):
    """Adds the penalty to each step."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Remember where it begins."""
        super().prepare(model, ctx)
        trained = model.backbone.parameters_of(model.boundary, len(model.backbone.stages))
        self.anchors = [(value, value.detach().clone()) for value in trained]

    def step(self, model: Model, batch: Batch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss and the two penalties."""
        loss = objective(model(batch), batch)
        penalty = self.penalty(model)
        return StepLoss(loss + penalty, {"loss": loss.detach(), "l2_sp": penalty.detach()})

    def penalty(self, model: Model) -> Tensor:
        """The penalty, a scalar."""
        total: Tensor = self.config.beta / 2 * model.head.weight.square().sum()
        for value, anchor in self.anchors:
            total = total + self.config.alpha / 2 * (value - anchor).square().sum()
        return total


PLUGIN = Plugin(
    build=L2Sp,
    title="Fine-tuning near the start (L2\u2011SP)",
    config=L2SpConfig,
    kind="train",
    paper="arXiv:1802.01483",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
