"""NRC: without the source's data, target rows agree with their neighbours, reciprocal ones above all.

Yang, van de Weijer, Herranz & Jui, NeurIPS 2021, arXiv:2110.04202.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from headstart.adaptation.training.base import DomainConfig
from headstart.adaptation.training.entropy import unevenness
from headstart.adaptation.training.memory import Remembering
from headstart.adaptation.training.neighbours import affinities, attraction, nearest
from headstart.core.plugins import Plugin
from headstart.core.training import StepLoss, UnlabeledBatch

if TYPE_CHECKING:
    from torch import Tensor


class NrcConfig(DomainConfig):
    """Neighbours as the paper takes them for sets of a few hundred rows."""

    neighbours: int = Field(3, ge=1, description="Of a row.")
    further: int = Field(2, ge=1, description="Neighbours of each neighbour.")
    other: float = Field(
        0.1, ge=0, le=1, description="Weight of neighbours that are not reciprocal, and of further ones."
    )


class Nrc(Remembering):
    """Predictions of neighbours are remembered from when they were last seen."""

    def loss(self, batch: UnlabeledBatch, features: Tensor, outputs: Tensor) -> StepLoss:
        """Neighbours, their neighbours, the row itself; and classes that come equally often."""
        import torch

        own = torch.from_numpy(np.asarray(batch.rows)).to(outputs.device)
        p, config = outputs.softmax(1), self.config
        bank, scores = self.updated(own, features, p)
        near = nearest(bank[own], bank, own, config.neighbours)
        flat = near.flatten()
        back = nearest(bank[flat], bank, flat, config.further).view(*near.shape, -1)
        weights = affinities(near, back, own, config.other)
        neighbours = attraction(p, scores[near], weights)
        further = config.other * attraction(p, scores[back.flatten(1)])
        itself = attraction(p, scores[own][:, None])
        even = unevenness(p)
        total = config.trade_off * (neighbours + further + itself + even)
        return StepLoss(total, {"neighbours": neighbours.detach(), "even": even.detach()})


PLUGIN = Plugin(
    build=Nrc,
    needs=frozenset({"source_free"}),
    config=NrcConfig,
    kind="train",
    paper="arXiv:2110.04202",
    title="Reciprocal neighbours (NRC)",
)
