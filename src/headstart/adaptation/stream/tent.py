"""Tent: scales and shifts of the normalisations follow the gradient of the entropy of the answers.

Wang and others, ICLR 2021, arXiv:2006.10726; statistics are mixed with those of training (``network.py``), as small
batches need it. Rows are answered before the step that they cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.stream.contract import Stepped
from headstart.core.config import Config
from headstart.core.plugins import Plugin

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork


class TentConfig(Config):
    """Step and momentum of the paper for pictures of everyday things."""

    lr: float = Field(0.00025, gt=0, description="For batches of 64; smaller ones take a smaller step.")
    momentum: float = Field(0.9, ge=0, lt=1, description="Of the gradient.")


class Tent:
    """Every row teaches."""

    def __init__(self, config: TentConfig) -> None:
        self.config = config

    def begin(self, network: StreamNetwork) -> None:
        """A new optimizer."""
        import torch

        self._optimizer = torch.optim.SGD(network.moving, lr=self.config.lr, momentum=self.config.momentum)

    def step(self, network: StreamNetwork, values: Tensor) -> Stepped:
        """See ``contract.StreamMethod``."""
        from headstart.adaptation.stream.network import entropies

        with network.mixed_statistics():
            features = network.features(values)
            logits = network.logits(features)
            loss = entropies(logits).mean()
        descend(self._optimizer, loss, self.config.lr, len(values))
        return Stepped(features.detach(), logits.detach(), len(values))


def descend(optimizer: object, loss: Tensor, lr: float, rows: int) -> None:
    """One step, shorter for a batch of fewer than 64 rows."""
    import torch

    assert isinstance(optimizer, torch.optim.Optimizer)  # noqa: S101 - made by begin
    for group in optimizer.param_groups:
        group["lr"] = lr * min(1.0, rows / 64)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    optimizer.step()


PLUGIN = Plugin(build=Tent, config=TentConfig, paper="arXiv:2006.10726", title="Tent")
