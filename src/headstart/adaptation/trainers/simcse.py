"""SimCSE: texts of both domains are told apart from each other in spite of dropout, beside the task.

Gao, Yao & Chen, EMNLP 2021, arXiv:2104.08821 (the unsupervised form): the same text twice through the network, each
time with other units left out; both looks are to be nearer to each other than to any other text of the batch. Unlike
filling in tokens it works on the features that the head sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, full_precision, seen_by
from headstart.adaptation.training.contrast import TEMPERATURE, contrast_loss
from headstart.core.plugins import Plugin
from headstart.core.training import DomainBatch, Model, Objective, StepLoss
from headstart.methods.training.settings import changed

if TYPE_CHECKING:
    from torch import Tensor


class SimcseConfig(DomainConfig):
    """The paper's temperature."""

    head_lr_scale: float = changed("head_lr_scale", 30.0)
    temperature: float = Field(TEMPERATURE, gt=0, description="That cosines are divided by.")
    with_task: bool = Field(True, description="Whether the network learns the task beside it.")


class Simcse(DomainTraining):
    """Looks at each text twice."""

    def step(self, model: Model, batch: DomainBatch, objective: Objective, phase: int) -> StepLoss:
        """The contrast within each domain, and the task's loss, which moves the network only if asked to."""
        seen = seen_by(model, batch)
        again = model.features(batch.source).float(), model.features(batch.target).float()
        features = seen.source if self.config.with_task else seen.source.detach()
        loss = objective(model.outputs(features), batch.source)
        with full_precision(seen.source):
            other = self._contrast((seen.source, seen.target), again)
        total = loss + self.config.trade_off * other
        return StepLoss(total, {"loss": loss.detach(), self.part: other.detach()})

    def _contrast(self, one: tuple[Tensor, Tensor], again: tuple[Tensor, Tensor]) -> Tensor:
        parts = [contrast_loss(a, b, self.config.temperature) for a, b in zip(one, again, strict=True)]
        return (parts[0] + parts[1]) / 2


PLUGIN = Plugin(
    build=Simcse,
    needs=frozenset({"texts", "solved_head"}),
    config=SimcseConfig,
    kind="train",
    paper="arXiv:2104.08821",
    title="Contrast of texts under dropout (SimCSE)",
)
