"""MDD: features on which no second classifier can agree at home and disagree in the target domain.

Zhang, Liu, Long & Jordan, ICML 2019, arXiv:1904.05801.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.disparity import margin_disparity
from headstart.adaptation.training.heads import second_head
from headstart.adaptation.training.reversal import ramp, reversed_gradient
from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext

if TYPE_CHECKING:
    from torch import Tensor, nn


class MddConfig(DomainConfig):
    """Margin and largest reversal of the paper's code."""

    margin: float = Field(4.0, gt=0, description="How much agreement at home counts.")
    reversal: float = Field(0.1, ge=0, description="Of the adversary's gradient into the features, at the end.")


class Mdd(DomainTraining):
    """The adversary begins as the run's own head."""

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """The adversary."""
        return {"adversary": second_head(model.head, 0.0)}

    def strength(self) -> float:
        """The gradient is ramped where it turns round."""
        return 1.0

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """What the adversary minimises, and features maximise."""
        adversary, strength = self.added["adversary"], self.config.reversal * ramp(self.progress)
        others = [adversary(reversed_gradient(each, strength)) for each in (seen.source, seen.target)]
        return margin_disparity(seen.source_outputs, others[0], seen.target_outputs, others[1], self.config.margin)


PLUGIN = Plugin(
    build=Mdd, config=MddConfig, kind="train", paper="arXiv:1904.05801", title="Margin disparity discrepancy (MDD)"
)
