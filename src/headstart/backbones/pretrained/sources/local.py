"""A folder (config.json and weights, as timm saves them) or a single weight file that the user names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import is_model_folder
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.weight_file import SUFFIXES, read_weight_file
from headstart.core.config import Config
from headstart.core.errors import ConfigError, DataError
from headstart.core.files import read_json
from headstart.core.plugins import Plugin

FILES = ("model.safetensors", "pytorch_model.bin", "model.pth", "model.pt")  # in a folder, in order of preference


class LocalSource:
    """A card's location is the absolute path of the weight file."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """The card of an existing path.

        The architecture is the one given, else that of the config.json beside the weights, else the file's name
        ("resnet50.a1_in1k.safetensors").

        Raises:
            DataError: a folder without weights, or a config.json without an architecture.
            ConfigError: nothing names the architecture.
        """
        path = Path(name).expanduser()
        if not path.exists():
            if path.suffix in SUFFIXES:
                raise ConfigError(
                    f"the model must be a name or an existing path; there is no file {name!r}. Check the path; the "
                    "architecture of a file is named with --set model.architecture=NAME."
                )
            return None
        if is_model_folder(path):
            return None  # of the transformers library
        weights = _weights_in(path) if path.is_dir() else path
        config = weights.with_name("config.json")
        location = str(weights.resolve())
        if architecture is None and config.exists():
            from headstart.backbones.pretrained.timm_config import card_of_config

            document: dict[str, Any] = read_json(config)
            return card_of_config(document, name, "local", location)
        from headstart.backbones.pretrained.timm_config import default_card

        return default_card(architecture or _architecture_in_name(weights), name, "local", location)

    def is_here(self, card: Card) -> bool:
        """Whether the file still exists."""
        return Path(card.location).is_file()

    def read(self, card: Card) -> Weights:
        """The file's tensors; ``card.sha256`` pins them where it is known."""
        tensors, sha256 = read_weight_file(Path(card.location), card.sha256)
        return Weights(tensors, sha256)

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """Pictures need none."""
        return {}


def _weights_in(folder: Path) -> Path:
    found = [folder / name for name in FILES if (folder / name).is_file()]
    if not found:
        raise DataError(f"a model folder must hold one of {list(FILES)}; {folder} holds none. Name another folder.")
    return found[0]


def _architecture_in_name(weights: Path) -> str:
    import timm

    for name in (weights.stem, weights.stem.partition(".")[0], weights.parent.name):
        if timm.is_model(name):
            return name
    raise ConfigError(
        f"the architecture of {weights} must be known; there is no config.json beside it and its name is no timm "
        "architecture. Give it with --set model.architecture=NAME, or name the file after it."
    )


PLUGIN = Plugin(build=LocalSource)
