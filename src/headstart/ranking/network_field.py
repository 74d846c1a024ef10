"""Which networks a fit compares before it goes on with one: those that were named, or those on this machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headstart.core.errors import ConfigError
from headstart.features.model_names import AUTO, named_models
from headstart.features.networks import ModelOptions, Network, Networks, find_networks, named_card
from headstart.ranking.entrants import Entrant
from headstart.request.fit_config import FitConfig
from headstart.selection.candidate_names import CandidateName
from headstart.training.closing import MINUTE

if TYPE_CHECKING:
    from headstart.backbones.card import Card
    from headstart.core.schema import InputSchema
    from headstart.data.dataset import LabeledDataset

SHARE_OF_INSTALLED = 0.25  # of the minutes, for comparing what happens to be installed ...
SHARE_OF_NAMED = 0.5  # ... and what somebody wants compared


@dataclass(frozen=True)
class Rival:
    """One of the networks that are compared.

    Attributes:
        options: That name it alone, as a fit of it would have them.
        network: As a fit of it would have it; its weights are read when they are needed.
        entrant: The same for the code of a ranking: the whole network's card, and where it is cut.
    """

    options: ModelOptions
    network: Network
    entrant: Entrant

    @property
    def name(self) -> str:
        """As one types it, without folders."""
        return self.entrant.name


@dataclass(frozen=True)
class Field:
    """Who is compared, the first one always, and for how long.

    Attributes:
        limit: Seconds, from which nothing more is tried that would take longer; infinite without ``--minutes``.
    """

    rivals: tuple[Rival, ...]
    is_named: bool
    limit: float = math.inf

    @property
    def each(self) -> list[Networks]:
        """Networks of a fit of each of them."""
        return [{rival.network.card.modality: rival.network} for rival in self.rivals]

    @property
    def first(self) -> Networks:
        """Of a fit of the first one."""
        return self.each[0]


def field_of(models: Sequence[ModelOptions], dataset: LabeledDataset, request: FitConfig) -> Field | None:
    """Whom a fit compares; None where it has one network anyway.

    Args:
        models: What was named, see :func:`headstart.features.model_names.named_models`.
        dataset: Of one picture, text or recording per example, if several are named.
        request: Its minutes limit the time.

    Raises:
        ConfigError: several networks were named for other data, for inputs of another kind, or one of them twice.
    """
    seconds = math.inf if request.minutes is None else request.minutes * MINUTE
    if len(models) > 1:
        _require_one_input(dataset)
        rivals = _told_apart([_rival(each, dataset.schema) for each in models])
        return Field(rivals, True, seconds * SHARE_OF_NAMED)
    (alone,) = models
    is_open = alone.name == AUTO and alone.architecture is None and alone.stage is None
    if request.minutes is None or not is_open or not _has_one_input(dataset):
        return None
    here = [_rival(each, dataset.schema) for each in _installed(alone, dataset.parts[0].modality)]
    return Field(tuple(here), False, seconds * SHARE_OF_INSTALLED) if len(here) > 1 else None


def _installed(options: ModelOptions, modality: str) -> list[ModelOptions]:
    """Of a modality on this machine: the default first, then by what one input costs."""
    from headstart.backbones import catalogue

    default = catalogue.default_card(modality)
    here = [card for card in catalogue.cards() if card.modality == modality and catalogue.is_installed(card)]
    ordered = sorted(here, key=lambda card: (card.name != default.name, _flops(card), card.name))
    return [options.model_copy(update={"name": card.name}) for card in ordered]


def _flops(card: Card) -> float:
    return math.inf if card.flops is None else card.flops


def _rival(options: ModelOptions, schema: InputSchema) -> Rival:
    whole_options = options.model_copy(update={"stage": None})
    whole = _network(whole_options, schema)
    network = whole if options.stage is None else _cut(whole, options)
    name = whole.card.name if options.name == AUTO else options.name
    cut = network.card.cut
    shown = CandidateName(whole.title, options.image_size, cut)
    boundary = None if cut is None else len(network.card.stages) - 1
    is_resized = options.image_size is not None
    entrant = Entrant(str(shown), "pretrained", whole.card, boundary, cut, is_resized)
    return Rival(options.model_copy(update={"name": name, "stage": cut}), network, entrant)


def _told_apart(rivals: Sequence[Rival]) -> tuple[Rival, ...]:
    """Raise ConfigError for a network that is there twice; folders of the same name are numbered."""
    cards = [rival.network.card.model_dump_json() for rival in rivals]
    names = [rival.name for rival in rivals]
    found = []
    for number, rival in enumerate(rivals):
        if cards[number] in cards[:number]:
            raise ConfigError(f"each network must be named once; {rival.name} is named twice. Leave one out.")
        before = names[:number].count(rival.name)
        name = f"{rival.name} ({before + 1})" if before else rival.name
        found.append(replace(rival, entrant=replace(rival.entrant, name=name)))
    return tuple(found)


def _network(options: ModelOptions, schema: InputSchema) -> Network:
    (network,) = find_networks(options, named_card(options), schema).values()
    return network


def _cut(whole: Network, options: ModelOptions) -> Network:
    from headstart.backbones.pretrained.cut_card import cut_card

    assert options.stage is not None  # noqa: S101  # asked before
    return Network(cut_card(whole.card, options.stage), whole.expected_sha256)


def _has_one_input(dataset: LabeledDataset) -> bool:
    return len(dataset.parts) == 1 and not dataset.table.columns


def _require_one_input(dataset: LabeledDataset) -> None:
    if _has_one_input(dataset):
        return
    parts = [part.schema.name for part in dataset.parts] or ["plain columns"]
    beside = " and plain columns" if dataset.table.columns and dataset.parts else ""
    raise ConfigError(
        f"networks are compared on data of one picture, text or recording per example; here an example is {parts}"
        f"{beside}. Name one network with --model, or one of the inputs with --input."
    )


def view_of(name: str, options: ModelOptions, schema: InputSchema) -> Network:
    """The network of ``model.copies_by``, in whose view near-duplicates are looked for."""
    bare: dict[str, Any] = {"name": name, "image_size": None, "stage": None, "sha256": None, "copies_by": None}
    (named,) = named_models(options.model_copy(update=bare))
    return _network(named, schema)
