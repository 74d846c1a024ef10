"""SHOT: without the source's data, the network moves under a fixed head until it is sure and its classes are even.

Liang, Hu & Feng, ICML 2020, arXiv:2002.08546. The head is what is known of the source; labels by the nearest centroid
correct predictions whose neighbours say something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from headstart.adaptation.training.base import DomainConfig
from headstart.adaptation.training.centroids import centroid_labels
from headstart.adaptation.training.entropy import information_loss
from headstart.adaptation.training.source_free import SourceFree
from headstart.core.plugins import Plugin
from headstart.core.training import Model, ParamGroup, StepLoss, UnlabeledBatch

if TYPE_CHECKING:
    from torch import Tensor


class ShotConfig(DomainConfig):
    """The paper's weight of the labels."""

    labels: float = Field(0.3, ge=0, description="Weight of the loss against labels by the nearest centroid.")


class Shot(SourceFree):
    """Labels are found anew before every epoch."""

    def param_groups(self, model: Model) -> list[ParamGroup]:
        """All but the head."""
        head = {id(value) for value in model.head.parameters()}
        return [
            group for group in super().param_groups(model) if not any(id(value) in head for value in group.parameters)
        ]

    def kept(self, features: Tensor, probabilities: Tensor) -> dict[str, Tensor]:
        """The labels."""
        return {"labels": centroid_labels(features, probabilities)}

    def loss(self, batch: UnlabeledBatch, features: Tensor, outputs: Tensor) -> StepLoss:
        """Information, and the labels."""
        import torch
        from torch.nn.functional import cross_entropy

        places = torch.from_numpy(np.asarray(batch.rows)).to(outputs.device)
        information = information_loss(outputs.softmax(1))
        against = cross_entropy(outputs, self.memory["labels"][places])
        total = self.config.trade_off * (information + self.config.labels * against)
        return StepLoss(total, {"information": information.detach(), "labels": against.detach()})


PLUGIN = Plugin(
    build=Shot,
    needs=frozenset({"source_free"}),
    config=ShotConfig,
    kind="train",
    paper="arXiv:2002.08546",
    title="Source hypothesis (SHOT)",
)
