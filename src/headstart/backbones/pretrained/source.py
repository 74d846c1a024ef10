"""What a file in ``sources/`` provides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from headstart.backbones.card import Card
from headstart.core import plugins

if TYPE_CHECKING:
    from torch import Tensor

SOURCES = "backbones.pretrained.sources"


@dataclass(frozen=True)
class Weights:
    """Tensors read from one file.

    Attributes:
        tensors: By name, in the order of the file.
        sha256: Hex digest of the file's bytes.
        match: "name": tensors have the network's names; "order": the network's order, under other names;
            "checkpoint": names as the library's own files have them, which the family turns into the network's.
    """

    tensors: Mapping[str, Tensor]
    sha256: str
    match: Literal["name", "order", "checkpoint"] = "name"


class Source(Protocol):
    """A place that weights come from."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """The card of a name that no shipped card has, or None when the name does not belong to this place.

        ``architecture`` is timm's name, where the user gave one.
        """

    def is_here(self, card: Card) -> bool:
        """Whether :meth:`read` would fetch nothing."""

    def read(self, card: Card) -> Weights:
        """The weights; raises IntegrityError when ``card.sha256`` is set and the file's differs."""

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """Files that inputs are prepared with, by name (a tokenizer); empty for pictures."""


def find_source(name: str) -> Source:
    """The place called ``name``; raises ConfigError with the nearest name."""
    plugin = plugins.load(SOURCES, name)
    source: Source = plugin.build(plugin.config())
    return source
