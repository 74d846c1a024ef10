"""Models on the Hugging Face hub in the format of transformers or sentence-transformers: ``hf:owner/name``.

Fetched only when named, into the hub's own cache; what is in that cache is used without asking the network. Code from a
repository is never run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

from headstart.backbones.card import Card
from headstart.backbones.pretrained.hub import HubFolder, cached
from headstart.backbones.pretrained.source import Weights
from headstart.core.config import Config
from headstart.core.plugins import Plugin

logger = logging.getLogger(__name__)

# Other owners need the prefix: a mistyped relative path must not turn into a request to the network.
OWNERS = "sentence-transformers|google-bert|FacebookAI|openai-community|google-t5"
NAMED = re.compile(rf"(?P<known>(?:{OWNERS})/[\w.-]+)|hf:(?P<other>[\w.-]+/[\w.-]+)")
WEIGHTS = tuple(
    f"{file}{ending}" for file in ("model.safetensors", "pytorch_model.bin") for ending in ("", ".index.json")
)


class TransformersHubSource:
    """A card's location is the repository, ``owner/name``."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """A card from the repository's small files, which are fetched when they are not in the hub's cache."""
        named = NAMED.fullmatch(name)
        if named is None or Path(name).expanduser().exists():
            return None
        from headstart.backbones.pretrained.transformers_family import card_of

        repository: str = named["known"] or named["other"]
        if cached(repository, "config.json") is None:
            logger.info(
                "fetching configuration and tokenizer of %s from the Hugging Face hub: up to a few MiB", repository
            )
        return card_of(HubFolder(repository), name, "transformers_hub", repository)

    def is_here(self, card: Card) -> bool:
        """Whether the weights are in the hub's cache."""
        return any(cached(card.location, file) for file in WEIGHTS)

    def read(self, card: Card) -> Weights:
        """The repository's tensors, fetched when they are not in the hub's cache; a line says what is fetched."""
        from headstart.backbones.pretrained.transformers_family import transformers_family

        if not self.is_here(card):
            logger.info(
                "fetching the weights of %s from the Hugging Face hub (%s): about %.0f MiB, licence %s",
                card.name,
                card.location,
                card.size_mib,
                card.licence or "not stated",
            )
        return transformers_family(card.family).weights(HubFolder(card.location), card)

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """What inputs are prepared with."""
        from headstart.backbones.pretrained.transformers_family import transformers_family

        return transformers_family(card.family).assets(HubFolder(card.location), card)


PLUGIN = Plugin(build=TransformersHubSource)
