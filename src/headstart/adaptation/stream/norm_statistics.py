"""Statistics of batch normalisations mixed with those of the batch: no gradient, nothing is kept from batch to batch.

Schneider and others, NeurIPS 2020, arXiv:2006.16971.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.stream.contract import Stepped
from headstart.core.config import Config
from headstart.core.plugins import Plugin

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork


class NormStatistics:
    """Of networks with batch normalisation; others stay as they are."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def begin(self, network: StreamNetwork) -> None:
        """Nothing learns."""

    def step(self, network: StreamNetwork, values: Tensor) -> Stepped:
        """See ``contract.StreamMethod``."""
        import torch

        with torch.no_grad(), network.mixed_statistics():
            features = network.features(values)
            return Stepped(features, network.logits(features), 0)


PLUGIN = Plugin(build=NormStatistics, paper="arXiv:2006.16971", title="Mixed batch statistics")
