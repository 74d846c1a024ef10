"""Models on the Hugging Face hub in timm's format: ``timm/resnet50.a1_in1k``, ``hf-hub:owner/name`` for other owners.

Fetched only when named, into the hub's own cache, which other programs share; what is in that cache is used without
asking the network. Only config.json and the weights are read: no code from a repository is ever run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.backbones.card import Card
from headstart.backbones.pretrained.hub import cached, fetch, is_absent
from headstart.backbones.pretrained.source import Weights
from headstart.backbones.pretrained.weight_file import read_weight_file
from headstart.core.config import Config
from headstart.core.errors import UserError
from headstart.core.files import read_json
from headstart.core.plugins import Plugin

logger = logging.getLogger(__name__)

# Other owners need the prefix: a mistyped relative path must not turn into a request to the network.
NAMED = re.compile(r"(?P<timm>timm/[\w.-]+)|hf-hub:(?P<other>[\w.-]+/[\w.-]+)")
FILES = ("model.safetensors", "pytorch_model.bin")  # in order of preference


class TimmHubSource:
    """A card's location is the repository, ``owner/name``."""

    def __init__(self, config: Config | None = None) -> None:
        """Nothing to set."""

    def find(self, name: str, architecture: str | None = None) -> Card | None:
        """A card from the repository's config.json, which is fetched when it is not in the hub's cache."""
        named = NAMED.fullmatch(name)
        if named is None:
            return None
        from headstart.backbones.pretrained.timm_config import card_of_config

        repository: str = named["timm"] or named["other"]
        path = cached(repository, "config.json")
        if path is None:
            logger.info("fetching config.json of %s from the Hugging Face hub: a few KiB", repository)
            path = fetch(repository, "config.json")
        config: dict[str, Any] = read_json(path)
        given = {"architecture": architecture} if architecture else {}
        return card_of_config({**config, **given}, name, "timm_hub", repository)

    def is_here(self, card: Card) -> bool:
        """Whether the weights are in the hub's cache."""
        return any(cached(card.location, name) for name in FILES)

    def read(self, card: Card) -> Weights:
        """The repository's tensors, fetched when they are not in the hub's cache; a line says what is fetched."""
        here = [path for name in FILES if (path := cached(card.location, name))]
        path = here[0] if here else _fetch_weights(card)
        tensors, sha256 = read_weight_file(path, card.sha256)
        return Weights(tensors, sha256)

    def assets(self, card: Card) -> Mapping[str, bytes]:
        """Pictures need none."""
        return {}


def _fetch_weights(card: Card) -> Path:
    logger.info(
        "fetching the weights of %s from the Hugging Face hub (%s): about %.0f MiB, licence %s",
        card.name,
        card.location,
        card.size_mib,
        card.licence or "not stated",
    )
    try:
        return fetch(card.location, FILES[0])
    except UserError as error:
        if not is_absent(error):
            raise
    return fetch(card.location, FILES[1])


PLUGIN = Plugin(build=TimmHubSource)
