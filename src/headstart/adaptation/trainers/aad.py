"""AaD: without the source's data, target rows agree with their neighbours and disagree with all others.

Yang, Wang, Wang, Jui & van de Weijer, NeurIPS 2022, arXiv:2205.04183.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from headstart.adaptation.training.base import DomainConfig
from headstart.adaptation.training.memory import Remembering
from headstart.adaptation.training.neighbours import attraction, dispersion, nearest
from headstart.core.plugins import Plugin
from headstart.core.training import StepLoss, UnlabeledBatch

if TYPE_CHECKING:
    from torch import Tensor

STEEPNESS = 10.0  # of the paper's decay


class AadConfig(DomainConfig):
    """Neighbours as the paper takes them for sets of a few hundred rows."""

    neighbours: int = Field(3, ge=1, description="Of a row.")
    decay: float = Field(2.0, ge=0, description="How fast the dispersion is given up; 0: it is not.")


class Aad(Remembering):
    """Two terms and nothing else."""

    def loss(self, batch: UnlabeledBatch, features: Tensor, outputs: Tensor) -> StepLoss:
        """Attraction of neighbours, dispersion of the batch."""
        import torch

        own = torch.from_numpy(np.asarray(batch.rows)).to(outputs.device)
        p, config = outputs.softmax(1), self.config
        bank, scores = self.updated(own, features, p)
        near = nearest(bank[own], bank, own, config.neighbours)
        together = attraction(p, scores[near])
        apart = config.neighbours * dispersion(p)
        weight = (1 + STEEPNESS * self.progress) ** -config.decay
        total = config.trade_off * (together + weight * apart)
        return StepLoss(total, {"attraction": together.detach(), "dispersion": apart.detach()})


PLUGIN = Plugin(
    build=Aad,
    needs=frozenset({"source_free"}),
    config=AadConfig,
    kind="train",
    paper="arXiv:2205.04183",
    title="Attract and disperse (AaD)",
)
