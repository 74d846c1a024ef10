"""What a file in ``families/`` provides, and finding one by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.entrance import Entrance, entrance
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.stage import Stage
from headstart.core import plugins
from headstart.core.boundary import Boundary
from headstart.core.config import Config
from headstart.core.preprocessing import ImagePreprocessing, Preprocessing
from headstart.core.versions import version

ROOM = "backbones.pretrained.families"


@dataclass(frozen=True)
class Small:
    """A member of a family small enough to build and run in a moment, with random weights.

    Attributes:
        architecture: The library's name.
        options: Arguments that make it narrow or shallow.
        image_size: Height and width to run a picture network at.
        preprocessing: Of a network that does not see pictures.
    """

    architecture: str
    options: Mapping[str, Any] = field(default_factory=dict)
    image_size: tuple[int, int] = (32, 32)
    preprocessing: Preprocessing | None = None

    @property
    def sees(self) -> Preprocessing:
        """What its card states as preprocessing."""
        return self.preprocessing or ImagePreprocessing(image_size=self.image_size)


class Family:
    """One way of building networks and of falling into stages.

    Attributes:
        version: Raise it when the same weights would give other activations: it is part of their address.
        modality: What its networks take.
        library: What builds them; its version is part of the address too. "headstart": code of this project.
        shortest_seconds: Of networks for recordings: what one position hears; there is nothing in less.
        small: Members that the conformance tests build.
    """

    version: ClassVar[int] = 1
    modality: ClassVar[str] = "image"
    library: ClassVar[Literal["timm", "transformers", "headstart"]] = "timm"
    shortest_seconds: ClassVar[float] = 0.0
    small: ClassVar[tuple[Small, ...]] = ()

    def __init__(self, config: Config | None = None) -> None:
        """Families have no settings."""

    def layout(self, architecture: str, options: Mapping[str, Any]) -> nn.Module:
        """The network in eval mode, with shapes and no storage."""
        raise NotImplementedError

    def build(self, card: Card, weights: Weights) -> nn.Module:
        """The network filled with weights, in eval mode, float32; raises ShapeError when they are another one's."""
        raise NotImplementedError

    def build_random(self, card: Card, seed: int) -> nn.Module:
        """The network with random weights, the same for the same seed; the caller's random state stays as it is."""
        raise NotImplementedError

    def entrance(self, card: Card) -> Entrance:
        """How prepared batches enter; the usual way of the modality."""
        return entrance(card)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The stages in order; run one after another they equal :meth:`own_features`."""
        raise NotImplementedError

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """Features ``(B, D)`` of boundary 0 by the network's own forward: what stages must equal."""
        raise NotImplementedError

    def width(self, network: nn.Module) -> int:
        """D of a network that cannot be run without storage."""
        raise NotImplementedError


def library_version(library: str) -> str:
    """Of an installed library; "" for this project's own code, whose version is that of the family."""
    return "" if library == "headstart" else version(library)


def family(name: str) -> Family:
    """The family called ``name``; raises ConfigError with the nearest name."""
    plugin = plugins.load(ROOM, name)
    found: Family = plugin.build(plugin.config())
    return found
