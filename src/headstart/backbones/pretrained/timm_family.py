"""What the families of timm's networks share, and finding the one of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import ROOM, Family, family
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.stage import own_features
from headstart.core import plugins
from headstart.core.boundary import Boundary

FALLBACK = "single"


class TimmFamily(Family):
    """Picture networks that timm builds."""

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """Whether :meth:`stages` describes this network exactly."""
        raise NotImplementedError

    def layout(self, architecture: str, options: Mapping[str, Any]) -> nn.Module:
        """See :func:`~headstart.backbones.pretrained.network.build`."""
        from headstart.backbones.pretrained.network import build

        return build(architecture, options, "meta")

    def build(self, card: Card, weights: Weights) -> nn.Module:
        """See :func:`~headstart.backbones.pretrained.network.build_with`."""
        from headstart.backbones.pretrained.network import build_with

        return build_with(card.architecture, card.options, weights)

    def build_random(self, card: Card, seed: int) -> nn.Module:
        """See :func:`~headstart.backbones.pretrained.random_weights.build_random`."""
        from headstart.backbones.pretrained.random_weights import build_random

        return build_random(card.architecture, card.options, card.image_size, seed)

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """Timm's pooled features."""
        return own_features(network, boundary.values)

    def width(self, network: nn.Module) -> int:
        """As timm states it."""
        return int(network.head_hidden_size)  # type: ignore[arg-type]  # every timm network has it


def keeps_forward(network: nn.Module, of: type[nn.Module]) -> bool:
    """Whether ``network`` is an ``of`` that did not replace ``forward_features``, which the stages spell out."""
    return isinstance(network, of) and type(network).forward_features is of.forward_features  # type: ignore[attr-defined]  # every timm network has it


def find_family(network: nn.Module, architecture: str) -> str:
    """Name of the family that accepts the network; "single" (any timm network as one stage) when none does."""
    for name in plugins.names(ROOM):
        found = family(name)
        if name != FALLBACK and isinstance(found, TimmFamily) and found.accepts(network, architecture):
            return name
    return FALLBACK
