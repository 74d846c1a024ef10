"""Models on the Hugging Face hub in timm's format: ``timm/resnet50.a1_in1k``, ``hf-hub:owner/name`` for other owners.

Fetched only when named, into the hub's own cache, which other programs share; what is in that cache is used without
asking the network. Only config.json and the weights are read: no code from a repository is ever run.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.backbones.card import Card
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
        path = _cached(repository, "config.json")
        if path is None:
            logger.info("fetching config.json of %s from the Hugging Face hub: a few KiB", repository)
            path = _fetch(repository, "config.json")
        config: dict[str, Any] = read_json(path)
        given = {"architecture": architecture} if architecture else {}
        return card_of_config({**config, **given}, name, "timm_hub", repository)

    def is_here(self, card: Card) -> bool:
        """Whether the weights are in the hub's cache."""
        return any(_cached(card.location, name) for name in FILES)

    def read(self, card: Card) -> Weights:
        """The repository's tensors, fetched when they are not in the hub's cache; a line says what is fetched."""
        cached = [path for name in FILES if (path := _cached(card.location, name))]
        path = cached[0] if cached else _fetch_weights(card)
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
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        return _fetch(card.location, FILES[0])
    except UserError as error:
        not_in_repository = isinstance(error.__cause__, EntryNotFoundError)
        if not not_in_repository or isinstance(error.__cause__, LocalEntryNotFoundError):
            raise
    return _fetch(card.location, FILES[1])


def _fetch(repository: str, filename: str) -> Path:
    """Download one file; every way of failing is a UserError that names what was asked for."""
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repository, filename))
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()
        raise UserError(
            f"{filename} of {repository} must be on the Hugging Face hub or in its cache; it could not be fetched "
            f"({type(error).__name__}: {reason[0] if reason else 'no reason given'}). Check the name and the network, "
            "or name a local folder with config.json and model.safetensors."
        ) from error


def _cached(repository: str, filename: str) -> Path | None:
    """A file in the hub's cache, looked up by its layout: importing the client would take longer than a listing may."""
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"))
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    folder = cache / f"models--{repository.replace('/', '--')}"
    main = folder / "refs" / "main"
    if not main.is_file():
        return None
    path = folder / "snapshots" / main.read_text(encoding="utf-8").strip() / filename
    return path if path.is_file() else None


PLUGIN = Plugin(build=TimmHubSource)
