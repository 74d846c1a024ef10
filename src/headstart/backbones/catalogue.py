"""All cards that ship with Headstart, and choosing among them; nothing heavy is imported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from headstart.backbones.card import Card
from headstart.backbones.pretrained.source import find_source
from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message
from headstart.core.files import check_schema, read_json

FOLDER = Path(__file__).parent / "cards"
SCHEMA = 1


def read_card(path: Path) -> Card:
    """One card file; raises IntegrityError when it is not JSON or newer than this version, ConfigError when wrong."""
    document: dict[str, Any] = read_json(path)
    check_schema(document, SCHEMA, path.name)
    return Card.parse({key: value for key, value in document.items() if key != "schema"}, path.name)


@lru_cache(1)
def _all() -> tuple[Card, ...]:
    return tuple(
        sorted((read_card(path) for path in FOLDER.glob("*.json")), key=lambda card: (not card.embedded, card.name))
    )


def cards() -> list[Card]:
    """Every card: embedded ones first, then by name."""
    return list(_all())


def card(name: str) -> Card:
    """The card called ``name``; raises ConfigError with the nearest name."""
    found = {each.name: each for each in _all()}
    if name not in found:
        raise ConfigError(choice_message("model", name, found))
    return found[name]


def default_card(modality: str) -> Card:
    """The embedded default of a modality; raises ConfigError when no pretrained network takes such inputs."""
    found = {each.modality: each for each in _all() if each.default}
    if modality not in found:
        raise ConfigError(choice_message("the modality of a pretrained network", modality, found))
    return found[modality]


def is_installed(one: Card) -> bool:
    """Whether the weights are on this machine already, so that loading fetches nothing."""
    return find_source(one.source).is_here(one)


def select(
    among: Iterable[Card],
    *,
    text: str = "",
    modality: str | None = None,
    family: str | None = None,
    licence: str | None = None,
    max_parameters: int | None = None,
    max_flops: int | None = None,
    max_size_mib: float | None = None,
    embedded: bool | None = None,
    installed: bool | None = None,
) -> list[Card]:
    """Cards that meet every criterion given, in the order they came.

    Args:
        among: Cards to choose from.
        text: Part of a card's name, pretraining or notes; upper and lower case are the same.
        modality: What they take: "image", "text", "sound"; an unknown one raises ConfigError with the nearest name.
        family: Exact family; an unknown one raises ConfigError with the nearest name.
        licence: Exact licence identifier, upper and lower case the same.
        max_parameters: Most parameters; ``max_flops`` and ``max_size_mib`` likewise. Unknown FLOPs do not pass.
        max_flops: Most floating-point operations per input.
        max_size_mib: Largest size in MiB.
        embedded: True: weights that install as a package; False: the others.
        installed: True: weights already on this machine; False: those that would be fetched.
    """
    if family is not None and family not in (families := plugins.names("backbones.pretrained.families")):
        raise ConfigError(choice_message("family", family, families))
    if modality is not None and modality not in (known := sorted({each.modality for each in _all()})):
        raise ConfigError(choice_message("modality", modality, known))
    return [
        each
        for each in among
        if text.lower() in json.dumps([each.name, each.pretraining, each.notes], ensure_ascii=False).lower()
        and (modality is None or each.modality == modality)
        and (family is None or each.family == family)
        and (licence is None or (each.licence or "").lower() == licence.lower())
        and (max_parameters is None or each.parameters <= max_parameters)
        and (max_flops is None or (each.flops is not None and each.flops <= max_flops))
        and (max_size_mib is None or each.size_mib <= max_size_mib)
        and (embedded is None or each.embedded == embedded)
        and (installed is None or is_installed(each) == installed)
    ]
