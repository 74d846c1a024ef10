"""CDAN+E: as DANN, but the domains are told apart by features together with what is predicted from them.

Long, Cao, Wang & Jordan, NeurIPS 2018, arXiv:1705.10667; rows of sure predictions weigh more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headstart.adaptation.trainers.dann import Dann, DannConfig
from headstart.adaptation.training.base import Seen
from headstart.adaptation.training.conditioning import Conditioned, certainty_weights
from headstart.adaptation.training.reversal import ramp, reversed_gradient
from headstart.adaptation.training.telling_apart import discriminator, domain_loss
from headstart.core.plugins import Plugin
from headstart.core.training import Model, TrainContext

if TYPE_CHECKING:
    from torch import Tensor, nn


class Cdan(Dann):
    """Predictions are constants for the discriminator, as in the paper's code."""

    def networks(self, model: Model, ctx: TrainContext) -> Mapping[str, nn.Module]:
        """A discriminator of the outer products."""
        self.conditioned = Conditioned(model.backbone.feature_dim, ctx.width, ctx.seed)
        return {"tells_apart": discriminator(self.conditioned.width, self.config.hidden)}

    def alignment(self, model: Model, seen: Seen) -> Tensor:
        """How wrong it is about the domains, by rows of which the classifier is sure above all."""
        strength, logits, weights = ramp(self.progress), [], []
        for features, outputs in ((seen.source, seen.source_outputs), (seen.target, seen.target_outputs)):
            p = outputs.detach().softmax(1)
            both = self.conditioned(features, p)
            logits.append(self.added["tells_apart"](reversed_gradient(both, strength)))
            weights.append(certainty_weights(p))
        return domain_loss(logits[0], logits[1], (weights[0], weights[1]))


PLUGIN = Plugin(
    build=Cdan,
    config=DannConfig,
    kind="train",
    paper="arXiv:1705.10667",
    title="Adversarial features and classes (CDAN)",
)
