"""What a file in ``families/`` provides, and finding the family of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from torch import nn

from headstart.backbones.pretrained.stage import Stage
from headstart.core import plugins
from headstart.core.config import Config

ROOM = "backbones.pretrained.families"
FALLBACK = "single"


@dataclass(frozen=True)
class Small:
    """A member of a family small enough to build and run in a moment, with random weights.

    Attributes:
        architecture: timm's name.
        options: Arguments that make it narrow or shallow.
        image_size: Height and width to run it at.
    """

    architecture: str
    options: Mapping[str, Any] = field(default_factory=dict)
    image_size: tuple[int, int] = (32, 32)


class Family:
    """One way of falling into stages.

    Attributes:
        version: Raise it when the same weights would give other activations: it is part of their address.
        small: Members that the conformance tests build.
    """

    version: ClassVar[int] = 1
    small: ClassVar[tuple[Small, ...]] = ()

    def __init__(self, config: Config | None = None) -> None:
        """Families have no settings."""

    def accepts(self, network: nn.Module, architecture: str) -> bool:
        """Whether :meth:`stages` describes this network exactly."""
        raise NotImplementedError

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The stages in order; run one after another they equal the network's own pooled features."""
        raise NotImplementedError


def keeps_forward(network: nn.Module, of: type[nn.Module]) -> bool:
    """Whether ``network`` is an ``of`` that did not replace ``forward_features``, which the stages spell out."""
    return isinstance(network, of) and type(network).forward_features is of.forward_features  # type: ignore[attr-defined]  # every timm network has it


def family(name: str) -> Family:
    """The family called ``name``; raises ConfigError with the nearest name."""
    plugin = plugins.load(ROOM, name)
    found: Family = plugin.build(plugin.config())
    return found


def find_family(network: nn.Module, architecture: str) -> str:
    """Name of the family that accepts the network; "single" (any timm network as one stage) when none does."""
    for name in plugins.names(ROOM):
        if name != FALLBACK and family(name).accepts(network, architecture):
            return name
    return FALLBACK
