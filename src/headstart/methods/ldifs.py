"""LDIFS: LP-FT whose features, after every trained stage, stay near those of the pretrained network.

Mukhoti, Gal, Torr & Dokania, TMLR 2024, arXiv:2308.13320: weights may move far without a loss while features do not,
so it is what the network makes of the training examples that is held, not its parameters (compare ``l2_sp``). Two
choices are ours: a stage's features are its output averaged over positions, and its squared distance is taken relative
to the squared length that the features had, since stages and architectures differ in scale by orders of magnitude.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.search import LogRange, Space
from headstart.core.training import Batch, Model, Objective, StepLoss, TrainContext
from headstart.methods.lp_ft import LpFt, LpFtConfig

if TYPE_CHECKING:
    from torch import Tensor


class LdifsConfig(LpFtConfig):
    """How much the distance counts beside the task's loss."""

    space: ClassVar[Space] = {**LpFtConfig.space, "alpha": LogRange(0.1, 10.0)}

    alpha: float = Field(1.0, ge=0, description="Weight of the mean relative squared distance of the features.")


class Ldifs(LpFt):
    """Adds the distance to each step; that takes one more pass through the trained stages, without gradients."""

    def prepare(self, model: Model, ctx: TrainContext) -> None:
        """Keep a copy of the network as it begins, in eval mode."""
        super().prepare(model, ctx)
        self.pretrained = copy.deepcopy(model.backbone).eval().requires_grad_(False)

    def step(self, model: Model, batch: Batch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss and ``alpha`` times the distance."""
        import torch

        with torch.no_grad():
            values = self.pretrained.unpack(batch.values, batch.start)
            entered = self.pretrained.run(values, batch.start, model.boundary)  # what is frozen is alike in both
            before = stage_features(self.pretrained, entered, model.boundary)
        now = stage_features(model.backbone, entered, model.boundary)
        loss = objective(model.outputs(now[-1]), batch)
        distance = relative_distance(now, before)
        return StepLoss(loss + self.config.alpha * distance, {"loss": loss.detach(), "ldifs": distance.detach()})


def stage_features(backbone: Any, boundary: Any, start: int) -> list[Tensor]:
    """Features after each of ``stages[start:]``: ``(B, C_k)``, averaged over positions; the last are the pooled ones.

    Args:
        backbone: ``headstart.backbones.pretrained.backbone.Backbone``.
        boundary: Its boundary ``start``.
        start: Below the number of stages.
    """
    from headstart.backbones.pretrained.cut import averaged

    found = []
    for number in range(start, len(backbone.stages)):
        boundary = backbone.run(boundary, number, number + 1)
        found.append(averaged(boundary.values, boundary.mask, is_map=backbone.variable_axis is None))
    return found


def relative_distance(now: Sequence[Tensor], before: Sequence[Tensor]) -> Tensor:
    """Mean over stages of ``sum |now - before|^2 / sum |before|^2``, both sums over the batch; a scalar from 0.

    Args:
        now: Per stage ``(B, C_k)``, with a gradient.
        before: The same of the network as it began; a stage that gave nothing but zeros counts by its plain distance.
    """
    import torch

    with torch.autocast(now[0].device.type, enabled=False):
        shares = []
        for new, old in zip(now, before, strict=True):
            length = old.float().square().sum()
            moved = (new.float() - old.float()).square().sum()
            shares.append(moved / torch.where(length > 0, length, torch.ones_like(length)))
        return torch.stack(shares).mean()


PLUGIN = Plugin(
    build=Ldifs,
    title="Fine-tuning that keeps features (LDIFS)",
    config=LdifsConfig,
    kind="train",
    paper="arXiv:2308.13320",
    targets=frozenset({"class", "ordinal", "multilabel", "real"}),
)
