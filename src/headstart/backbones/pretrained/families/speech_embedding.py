"""The speech embedding: mel front end, five blocks, the embedding, pooled over time.

Lin, Kilgour, Roblek & Sharifi, ICASSP 2020, arXiv:2002.01322; see ``pretrained/speech_embedding``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import Family, Small
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.speech_embedding.network import BLOCKS, SpeechEmbedding, pool_over_time
from headstart.backbones.pretrained.speech_embedding.tensors import renamed
from headstart.backbones.pretrained.stage import Stage
from headstart.core.boundary import Boundary
from headstart.core.errors import ConfigError, ShapeError
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing

ARCHITECTURE = "speech_embedding"
SEES = SoundPreprocessing(sample_rate=16000, min_seconds=2.0, max_seconds=30.0, step_seconds=0.5)


def _masked(name: str, network: nn.Module, boundary: Boundary) -> Boundary:
    module: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = network.get_submodule(name)
    return Boundary(*module(boundary.values, _mask(boundary)))


def _pool(network: nn.Module, boundary: Boundary) -> Boundary:
    return Boundary(pool_over_time(boundary.values, _mask(boundary)))


def _mask(boundary: Boundary) -> Tensor:
    """True everywhere where nothing was said to be padded."""
    if boundary.mask is not None:
        return boundary.mask
    return torch.ones(boundary.values.shape[:2], dtype=torch.bool, device=boundary.values.device)


class SpeechEmbeddingFamily(Family):
    """One architecture."""

    modality = "sound"
    library = "headstart"
    shortest_seconds = 0.8  # 12,512 samples
    small = (Small(ARCHITECTURE, preprocessing=SEES),)

    def layout(self, architecture: str, options: Mapping[str, Any]) -> nn.Module:
        """Raises ConfigError for another architecture, or options, of which there are none."""
        if architecture != ARCHITECTURE or options:
            raise ConfigError(f"the architecture must be {ARCHITECTURE!r} without options; got {architecture!r}.")
        with torch.device("meta"):
            return SpeechEmbedding().eval()

    def build(self, card: Card, weights: Weights) -> nn.Module:
        """With the package's tensors, or those of a saved state dict."""
        network = self.layout(card.architecture, card.options)
        tensors = renamed(weights.tensors) if weights.match == "checkpoint" else dict(weights.tensors)
        try:
            network.load_state_dict({name: value.float() for name, value in tensors.items()}, strict=True, assign=True)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise ShapeError(f"the weights of {card.name} must be those of the speech embedding; {reason}") from None
        return network

    def build_random(self, card: Card, seed: int) -> nn.Module:
        """Random convolutions; the mel front end is that of a plain spectrum, since it is no learned weight."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = SpeechEmbedding().eval()
        network.mel.fill()
        return network

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Boundaries in between are ``(B, T, F, C)``, after the embedding ``(B, T, 96)``."""
        names = ["mel", *(f"blocks.{number}" for number in range(len(BLOCKS))), "embedding"]
        return (*(Stage(name, (name,), partial(_masked, name)) for name in names), Stage("pool", (), _pool))

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """The network's own forward."""
        features: Tensor = network(boundary.values, _mask(boundary))
        return features


PLUGIN = Plugin(build=SpeechEmbeddingFamily, paper="arXiv:2002.01322")
