"""EATA: Tent that learns from answers that are sure and unlike those before, and is drawn back to where it began.

Niu and others, ICML 2022, arXiv:2204.02610. The paper weighs the way back by the Fisher information of a few examples
without shift; a bundle holds none, so it is measured on the first sure rows of the stream, before anything moves.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.stream.contract import Stepped
from headstart.adaptation.stream.tent import TentConfig, descend
from headstart.core.plugins import Plugin

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork


FEW_CLASSES = 20


class EataConfig(TentConfig):
    """Thresholds of the paper."""

    sure: float = Field(0.4, gt=0, lt=1, description="Share of ln K below which an entropy is sure.")
    alike: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Cosine to the mean answer above which a row teaches nothing. None: 0.4 of "
        "up to 20 classes, 0.05 of more, as the authors set it.",
    )
    way_back: float = Field(2000.0, ge=0, description="Weight of the distance from the start, by Fisher information.")
    fisher_rows: int = Field(256, ge=1, description="Sure rows that it is measured on, before anything moves.")


class Eata:
    """Sure and new rows teach."""

    def __init__(self, config: EataConfig) -> None:
        self.config = config

    def begin(self, network: StreamNetwork) -> None:
        """A new optimizer; nothing is known of the stream."""
        import torch

        self._optimizer = torch.optim.SGD(network.moving, lr=self.config.lr, momentum=self.config.momentum)
        self._mean: Tensor | None = None
        self._fisher = [torch.zeros_like(value) for value in network.moving]
        self._measured = 0

    def step(self, network: StreamNetwork, values: Tensor) -> Stepped:
        """See ``contract.StreamMethod``."""
        from headstart.adaptation.stream.network import entropies

        with network.mixed_statistics():
            features = network.features(values)
            logits = network.logits(features)
        found = Stepped(features.detach(), logits.detach(), 0)
        entropy = entropies(logits)
        limit = self.config.sure * math.log(network.classes)
        sure = entropy < limit
        if not bool(sure.any()):
            return found
        if self._measured < self.config.fisher_rows:
            self._measure(network, logits[sure])
            return found
        used = sure & self._is_new(logits.detach())
        if not bool(used.any()):
            return found
        weights = (limit - entropy[used].detach()).exp()  # the surer the more
        loss = (weights * entropy[used]).mean()
        for (value, start), fisher in zip(network.anchors(), self._fisher, strict=True):
            loss = loss + self.config.way_back * (fisher * (value - start).square()).sum()
        descend(self._optimizer, loss, self.config.lr, int(used.sum()))
        p = logits.detach()[used].softmax(1).mean(0)
        self._mean = p if self._mean is None else 0.9 * self._mean + 0.1 * p
        return Stepped(found.features, found.logits, int(used.sum()))

    def _is_new(self, logits: Tensor) -> Tensor:
        """``(B,)``: rows whose answer is unlike the mean of those that taught."""
        import torch

        if self._mean is None:
            return torch.ones(len(logits), dtype=torch.bool)
        cosine = torch.nn.functional.cosine_similarity(logits.softmax(1), self._mean[None], dim=1)
        limit = self.config.alike
        if limit is None:
            limit = 0.4 if logits.shape[1] <= FEW_CLASSES else 0.05
        return cosine.abs() < limit

    def _measure(self, network: StreamNetwork, logits: Tensor) -> None:
        """Squared gradients of the log-loss of the answers themselves, summed up into a mean over rows."""
        import torch

        loss = torch.nn.functional.cross_entropy(logits, logits.argmax(1))
        gradients = torch.autograd.grad(loss, network.moving, allow_unused=True)
        n = len(logits)
        for fisher, gradient in zip(self._fisher, gradients, strict=True):
            if gradient is not None:
                fisher.mul_(self._measured / (self._measured + n)).add_(gradient.square() * n / (self._measured + n))
        self._measured += n


PLUGIN = Plugin(build=Eata, config=EataConfig, paper="arXiv:2204.02610", title="EATA")
