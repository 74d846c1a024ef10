"""Supervised contrastive fine-tuning: LP-FT that also draws examples of a class together, and classes apart.

Gunel, Du, Conneau & Stoyanov, ICLR 2021, arXiv:2011.01403, after Khosla et al., NeurIPS 2020, arXiv:2004.11362: with a
few examples a class the cross-entropy is soon content while the features are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.search import Choice, Space
from headstart.core.training import Batch, Model, Objective, StepLoss
from headstart.methods.lp_ft import LpFt, LpFtConfig
from headstart.methods.training.settings import changed

if TYPE_CHECKING:
    from torch import Tensor


class SupConConfig(LpFtConfig):
    """Temperature and share of the paper's grid."""

    space: ClassVar[Space] = {**LpFtConfig.space, "share": Choice((0.5, 0.9))}

    usual_epochs: int = changed("usual_epochs", 8)
    share: float = Field(0.9, ge=0, le=1, description="Of the contrastive loss; the rest is the task's.")
    temperature: float = Field(0.3, gt=0, description="Of the similarities.")


class SupCon(LpFt):
    """Adds the contrastive loss to each step."""

    def step(self, model: Model, batch: Batch, objective: Objective, phase: int) -> StepLoss:
        """The task's loss and the contrastive one, mixed; mixed targets have no class, so only the task's."""
        features = model.features(batch)
        loss = objective(model.outputs(features), batch)
        if batch.targets.is_floating_point():
            return StepLoss(loss, {"loss": loss.detach()})
        contrast = supervised_contrast(features, batch.targets, self.config.temperature)
        share = self.config.share
        return StepLoss((1 - share) * loss + share * contrast, {"loss": loss.detach(), "sup_con": contrast.detach()})


def supervised_contrast(features: Tensor, classes: Tensor, temperature: float) -> Tensor:
    r"""Mean over examples that have a partner of their class in the batch.

    .. math:: -\frac{1}{|P(i)|} \sum_{p \in P(i)} \log \frac{e^{z_i z_p / \tau}}{\sum_{a \ne i} e^{z_i z_a / \tau}}

    Args:
        features: ``(B, D)``; z is a row at length 1.
        classes: ``(B,)`` integers.
        temperature: tau.

    Returns:
        Scalar; 0 where no two examples share a class.
    """
    import torch

    with torch.autocast(features.device.type, enabled=False):
        unit = torch.nn.functional.normalize(features.float(), dim=1)
        likeness = unit @ unit.T / temperature
        own = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
        log_share = likeness - torch.logsumexp(likeness.masked_fill(own, float("-inf")), dim=1, keepdim=True)
        partners = (classes[:, None] == classes[None, :]) & ~own
        counts = partners.sum(1)
        has_some = counts > 0
        if not has_some.any():
            return unit.sum() * 0.0
        each = -(log_share.masked_fill(~partners, 0.0)).sum(1)[has_some] / counts[has_some]
        return each.mean()


PLUGIN = Plugin(
    build=SupCon,
    title="Fine-tuning with contrasts (SupCon)",
    config=SupConConfig,
    kind="train",
    paper="arXiv:2011.01403",
    targets=frozenset({"class", "ordinal"}),
)
