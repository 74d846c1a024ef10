"""SAR: Tent on sure rows, with a step that looks for flat places (sharpness-aware).

Niu and others, ICLR 2023, arXiv:2302.12400. Its recovery, going back to the start when answers have become surer than
any stream deserves, is ``collapse.py``, for every method.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from headstart.adaptation.stream.contract import Stepped
from headstart.adaptation.stream.tent import TentConfig
from headstart.core.plugins import Plugin

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork


class SarConfig(TentConfig):
    """Threshold and radius of the paper."""

    sure: float = Field(0.4, gt=0, lt=1, description="Share of ln K below which an entropy is sure.")
    radius: float = Field(0.05, gt=0, description="How far uphill the gradient is looked at.")


class Sar:
    """Sure rows teach, twice looked at."""

    def __init__(self, config: SarConfig) -> None:
        self.config = config

    def begin(self, network: StreamNetwork) -> None:
        """A new optimizer."""
        import torch

        self._optimizer = torch.optim.SGD(network.moving, lr=self.config.lr, momentum=self.config.momentum)

    def step(self, network: StreamNetwork, values: Tensor) -> Stepped:
        """See ``contract.StreamMethod``."""
        import torch

        from headstart.adaptation.stream.network import entropies

        limit = self.config.sure * math.log(network.classes)
        with network.mixed_statistics():
            features = network.features(values)
            logits = network.logits(features)
            entropy = entropies(logits)
            found = Stepped(features.detach(), logits.detach(), 0)
            sure = entropy < limit
            if not bool(sure.any()):
                return found
            gradients = torch.autograd.grad(entropy[sure].mean(), network.moving, allow_unused=True)
            norm = torch.sqrt(sum((g.square().sum() for g in gradients if g is not None), torch.zeros(())))
            uphill = [None if g is None else g * (self.config.radius / (float(norm) + 1e-12)) for g in gradients]
            _move(network.moving, uphill, 1.0)
            again = entropies(network.logits(network.features(values[sure])))
            still = again < limit
            loss = again[still].mean() if bool(still.any()) else again.sum() * 0.0
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            _move(network.moving, uphill, -1.0)
        used = int(still.sum())
        for group in self._optimizer.param_groups:
            group["lr"] = self.config.lr * min(1.0, used / 64)
        self._optimizer.step()
        return Stepped(found.features, found.logits, used)


def _move(values: list[torch.nn.Parameter], by: Sequence[Tensor | None], sign: float) -> None:
    import torch

    with torch.no_grad():
        for value, step in zip(values, by, strict=True):
            if step is not None:
                value.add_(sign * step)


PLUGIN = Plugin(build=Sar, config=SarConfig, paper="arXiv:2302.12400", title="SAR")
