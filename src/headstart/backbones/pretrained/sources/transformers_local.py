"""A folder that the transformers library, or sentence-transformers, saved: config.json, weights, and what inputs need.

Code that lies in such a folder is never run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headstart.backbones.card import Card
from headstart.backbones.pretrained.model_folder import LocalFolder, is_model_folder
from headstart.backbones.pretrained.source import Weights
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class TransformersLocalSource:
    """A card's location is the absolute path of the folder."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """The card of an existing folder; ``architecture`` is timm's and has no meaning here.

        Raises:
            DataError: a file is missing, or does not fit the others.
            ConfigError: a kind of network that cannot be used.
        """
        path = Path(name).expanduser()
        if not is_model_folder(path):
            return None
        from headstart.backbones.pretrained.transformers_family import card_of

        return card_of(LocalFolder(path), name, "transformers_local", str(path.resolve()))

    def is_here(self, card: Card) -> bool:
        """Whether the folder still exists."""
        return Path(card.location).is_dir()

    def read(self, card: Card) -> Weights:
        """The folder's tensors; ``card.sha256`` pins them where it is known."""
        from headstart.backbones.pretrained.transformers_family import transformers_family

        return transformers_family(card.family).weights(LocalFolder(Path(card.location)), card)

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """What inputs are prepared with."""
        from headstart.backbones.pretrained.transformers_family import transformers_family

        return transformers_family(card.family).assets(LocalFolder(Path(card.location)), card)


PLUGIN = Plugin(build=TransformersLocalSource)
