"""DANN: features from which a small network cannot tell the domains apart.

Ganin et al., JMLR 17, 2016, arXiv:1505.07818.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.training.base import DomainConfig, DomainTraining, Seen
from headstart.adaptation.training.reversal import ramp, reversed_gradient
from headstart.adaptation.training.telling_apart import discriminator, domain_loss
from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext

if TYPE_CHECKING:
    from torch import Tensor, nn


class DannConfig(DomainConfig):
    """The network that tells domains apart is smaller than the paper's 1024: data are few here."""

    hidden: int = Field(256, ge=1, description="Width of the network that tells the domains apart.")


class Dann(DomainTraining):
    """The small network learns at full strength; its gradient is reversed into the features, more and more."""

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """The discriminator."""
        return {"tells_apart": discriminator(model.backbone.feature_dim, self.config.hidden)}

    def strength(self) -> float:
        """The gradient is ramped where it turns round."""
        return 1.0

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """How wrong it is about the domains."""
        tells_apart, strength = self.added["tells_apart"], ramp(self.progress)
        source, target = (reversed_gradient(each, strength) for each in (seen.source, seen.target))
        return domain_loss(tells_apart(source), tells_apart(target))


PLUGIN = Plugin(
    build=Dann, config=DannConfig, kind="train", paper="arXiv:1505.07818", title="Adversarial features (DANN)"
)
