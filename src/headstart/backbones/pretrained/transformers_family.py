"""What the families of networks that the transformers library builds share, and finding the one of a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.backbones.card import Card
from headstart.backbones.pretrained.family import ROOM, Family, family
from headstart.backbones.pretrained.model_folder import Inside, ModelFolder, config_of
from headstart.backbones.pretrained.source import Weights
from headstart.core import plugins
from headstart.core.errors import ConfigError


class TransformersFamily(Family):
    """Networks that come as a folder with a config.json of the transformers library."""

    library = "transformers"
    is_fallback = False  # whether it is asked last, for kinds that no other family takes

    def takes(self, config: Mapping[str, Any]) -> bool:
        """Whether :meth:`stages` describes the network of this config.json exactly."""
        raise NotImplementedError

    def card(self, folder: ModelFolder, config: Mapping[str, Any], name: str, source: str, location: str) -> Card:
        """The card of a folder's network; weights are not read.

        Raises:
            DataError: a file is missing, or does not fit the others.
            ConfigError: the library cannot build it.
        """
        raise NotImplementedError

    def weights(self, folder: ModelFolder, card: Card) -> Weights:
        """The folder's tensors; raises IntegrityError when ``card.sha256`` is set and theirs differs."""
        raise NotImplementedError

    def assets(self, folder: ModelFolder, card: Card) -> Mapping[str, bytes]:
        """Files that inputs are prepared with, by name."""
        raise NotImplementedError


def transformers_family(name: str) -> TransformersFamily:
    """The family of a card; raises ConfigError when it is not one of the transformers library."""
    found = family(name)
    if not isinstance(found, TransformersFamily):
        raise ConfigError(f"the family must be one of networks that transformers builds; {name!r} is not.")
    return found


def family_of(config: Mapping[str, Any], title: str) -> TransformersFamily:
    """The family that takes a config.json; raises ConfigError when none does."""
    found = [each for name in plugins.names(ROOM) if isinstance(each := family(name), TransformersFamily)]
    for each in sorted(found, key=lambda one: one.is_fallback):
        if each.takes(config):
            return each
    raise ConfigError(
        f"the network of {title} must take texts or recordings; a {config.get('model_type')!r} takes neither. "
        "Name a text or audio encoder."
    )


def card_of(folder: ModelFolder, name: str, source: str, location: str) -> Card:
    """The card of a model folder, by the family that takes its config.json.

    Raises:
        DataError: a file is missing, or does not fit the others.
        ConfigError: a kind of network that cannot be used.
    """
    from headstart.backbones.pretrained.text.sentence_folder import sentence_folder

    inner = sentence_folder(folder).network
    config = config_of(Inside(folder, inner) if inner else folder)
    return family_of(config, folder.title).card(folder, config, name, source, location)
