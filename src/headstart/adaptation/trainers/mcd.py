"""MCD: two classifiers look for target rows on which they can disagree, and features leave them none.

Saito, Watanabe, Ushiku & Harada, CVPR 2018, arXiv:1712.02560. Both are linear, so the mean of the two ships as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, full_precision, seen_by
from headstart.adaptation.training.disparity import classifier_discrepancy
from headstart.adaptation.training.heads import constant_head, second_head
from headstart.adaptation.training.statistics import statistics_untouched
from headstart.core.plugins import Plugin
from headstart.core.training import DomainBatch, Model, Objective, StepLoss, TrainContext

if TYPE_CHECKING:
    from torch import nn

LEARN, DISAGREE = 0, 1  # phases; in all others the features leave no room to disagree


class McdConfig(DomainConfig):
    """Classifiers that begin apart."""

    apart: float = Field(1.0, ge=0, description="Noise on the second classifier, times the spread of the weights.")


class Mcd(DomainTraining):
    """Features move twice for each step of the classifiers; the paper tries 2 to 4 times."""

    phases: ClassVar[int] = 4

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """The second classifier."""
        return {"second": second_head(model.head, self.config.apart)}

    def step(self, model: Model, batch: DomainBatch, objective: Objective, phase: int) -> StepLoss:
        """Learn from the source; let classifiers disagree about the target; let features bring them together."""
        if phase == LEARN:
            return self._learn(model, batch, objective)
        return self._disagree(model, batch, objective) if phase == DISAGREE else self._agree(model, batch)

    def _learn(self, model: Model, batch: DomainBatch, objective: Objective) -> StepLoss:
        with statistics_untouched(model):
            features = model.features(batch.source)
        loss = objective(model.outputs(features), batch.source)
        return StepLoss(loss + objective(self.added["second"](features), batch.source), {"loss": loss.detach()})

    def _disagree(self, model: Model, batch: DomainBatch, objective: Objective) -> StepLoss:
        import torch

        with torch.no_grad():
            seen = seen_by(model, batch)
        second = self.added["second"]
        with full_precision(seen.source):
            at_home = sum(objective(head(seen.source), batch.source) for head in (model.head, second))
            apart = classifier_discrepancy(model.head(seen.target), second(seen.target))
        return StepLoss(at_home - self.config.trade_off * self.strength() * apart)

    def _agree(self, model: Model, batch: DomainBatch) -> StepLoss:
        features = model.features(batch.target).float()
        with full_precision(features):
            second: Any = self.added["second"]
            outputs = [constant_head(head, features) for head in (model.head, second)]
            apart = classifier_discrepancy(*outputs)
        return StepLoss(self.config.trade_off * self.strength() * apart, {"mcd": apart.detach()})

    def finish(self, model: Model, ctx: TrainContext) -> Mapping[str, Any]:
        """The mean of both classifiers."""
        import torch

        second: Any = self.added["second"]
        with torch.no_grad():
            model.head.weight.lerp_(second.weight, 0.5)
            model.head.bias.lerp_(second.bias, 0.5)
        return super().finish(model, ctx)


PLUGIN = Plugin(
    build=Mcd, config=McdConfig, kind="train", paper="arXiv:1712.02560", title="Classifier discrepancy (MCD)"
)
