"""FixMatch across domains: an augmented target example is called what it is called as it is, where that is sure.

Sohn et al., NeurIPS 2020, arXiv:2001.07685, with labels from the source. As in AdaMatch (Berthelot et al., ICLR 2022,
arXiv:2106.04732) sure is relative to how sure predictions are at home, and target predictions are first brought to the
shares that classes have there: else the first mistakes of a class grow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen, full_precision, seen_by
from headstart.adaptation.training.consistency import aligned, consistency_loss
from headstart.core.plugins import Plugin
from headstart.core.training import DomainBatch, Model, Objective, StepLoss, UnlabeledBatch

if TYPE_CHECKING:
    from torch import Tensor


class FixmatchConfig(DomainConfig):
    """The paper's settings; of texts, which have no augmented views, it is learning from own predictions."""

    threshold: float = Field(0.9, ge=0, le=1, description="Of the mean probability at home, from which a row is sure.")
    align: bool = Field(True, description="Whether target predictions are brought to the source's shares of classes.")


class Fixmatch(DomainTraining):
    """Wants target rows in two views."""

    wants_plain: ClassVar[bool] = True

    def step(self, model: Model, batch: DomainBatch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss, and that of augmented target rows against what is said of them as they are."""
        import torch

        plain = batch.target.values if batch.target.plain is None else batch.target.plain
        seen = seen_by(model, batch)
        with torch.no_grad():
            said = model(UnlabeledBatch(plain, batch.target.start, batch.target.rows)).float().softmax(1)
        loss = objective(seen.source_outputs, batch.source)
        with full_precision(seen.source):
            other = self._against(said, seen)
        total = loss + self.config.trade_off * self.strength() * other
        return StepLoss(total, {"loss": loss.detach(), "fixmatch": other.detach()})

    def _against(self, said: Tensor, seen: Seen) -> Tensor:
        at_home = seen.source_outputs.detach().softmax(1)
        if self.config.align:
            said = aligned(said, at_home.mean(0))
        return consistency_loss(seen.target_outputs, said, self.config.threshold * float(at_home.amax(1).mean()))


PLUGIN = Plugin(
    build=Fixmatch, config=FixmatchConfig, kind="train", paper="arXiv:2001.07685", title="Consistency (FixMatch)"
)
