"""Who enters a ranking: the models that were named or that meet a filter, and the yardsticks beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from headstart.core import plugins
from headstart.core.errors import ConfigError, choice_message
from headstart.features.descriptors import FITTED, fitted_backbones
from headstart.selection import where as filters
from headstart.selection.candidate_names import CandidateName, parse

if TYPE_CHECKING:
    from headstart.backbones.card import Card

AUTO = "auto"
SHOWN = 12  # names in a message before "and n more"
Kind = Literal["pretrained", "random", "fitted"]


@dataclass(frozen=True)
class Entrant:
    """One candidate of a ranking.

    Attributes:
        name: In one spelling, whatever was typed.
        kind: "pretrained" weights, the same network with "random" ones, or features "fitted" without a network.
        card: Of the network, at the size asked for; None of what is fitted.
        boundary: Number of stages that are run; None: all.
        stage: Name of the last of them, where not all are run.
        is_resized: Whether pictures are seen at another size than the weights were trained at.
    """

    name: str
    kind: Kind
    card: Card | None
    boundary: int | None = None
    stage: str | None = None
    is_resized: bool = False


@dataclass(frozen=True)
class NamedCandidate:
    """What was named, found before any data are read: its card, or None of a fitted baseline."""

    name: CandidateName
    card: Card | None


def named_candidates(models: Sequence[str]) -> list[NamedCandidate]:
    """Names to cards; a wrong name is told here.

    Raises:
        ConfigError: a name is no candidate; the message suggests the nearest one.
    """
    from headstart.backbones import catalogue

    known = {card.name for card in catalogue.cards()} | {*plugins.names(FITTED)}
    found = []
    for text in models:
        name = parse(text, lambda each: each in known or Path(each).exists())
        found.append(NamedCandidate(name, _card(name)))
    return found


def entrants_of(named: Sequence[NamedCandidate], modality: str) -> list[Entrant]:
    """The named ones, each once.

    Raises:
        ConfigError: one is for inputs of another kind, or its stage does not exist.
    """
    found = [_default_or(one, modality) for one in named]
    for one in found:
        is_for = plugins.load(FITTED, one.name.model).modality if one.card is None else one.card.modality
        if is_for != modality:
            raise ConfigError(
                f"candidates must be for what the data hold, {modality}; {one.name} is for {is_for}. "
                f"Leave it out; `headstart models --modality {modality}` lists what there is."
            )
    return _once(_entrant(one) for one in found)


def matching(where: filters.Condition | None, modality: str, text: str = "") -> tuple[list[Entrant], list[str]]:
    """Installed models of a modality that meet a filter, then the fitted baselines; and names of those not here.

    Without a filter all of them, and the default network with random weights.

    Raises:
        ConfigError: no model meets the filter, or none that does is installed.
    """
    from headstart.backbones import catalogue

    cards = catalogue.cards()
    meet = [card for card in cards if where is None or where.matches(facts_of(card))]
    fitting = [card for card in meet if card.modality == modality]
    here = [card for card in fitting if catalogue.is_installed(card)]
    not_here = [card.name for card in fitting if card not in here]
    if where is not None and not fitting:
        raise ConfigError(_no_match(text, modality, meet, cards))
    if where is not None and not here:
        raise ConfigError(
            f"none of the models that meet {text!r} is on this machine: {_listed(not_here)}. "
            "Name those to fetch with --models, or widen the filter."
        )
    found = [Entrant(card.name, "pretrained", card) for card in here]
    found += [Entrant(name, "fitted", None) for name in fitted_backbones(modality)]
    if where is None:
        default = catalogue.default_card(modality)
        if default in here:
            found.append(Entrant(f"random({default.name})", "random", default))
    return found, not_here


def facts_of(card: Card) -> dict[str, Any]:
    """What a filter is asked of."""
    from headstart.backbones import catalogue

    facts = {name: getattr(card, name, None) for name in filters.FIELDS}
    return {**facts, "installed": catalogue.is_installed(card)}


def _card(name: CandidateName) -> Card | None:
    """Of a named network; None of a fitted baseline and of "auto", whose network the data decide."""
    from headstart.backbones import catalogue
    from headstart.backbones.pretrained.find import BackboneOptions, find_card

    fitted = [each for each in plugins.names(FITTED) if plugins.load(FITTED, each).modality != "table"]
    if name.model in fitted:
        if name.size or name.stage is not None or name.is_random:
            raise ConfigError(f"{name.model} has no weights, stages or size; got {str(name)!r}. Name it alone.")
        return None
    if name.model == AUTO:
        return None
    try:
        return find_card(name.model, BackboneOptions.parse({"image_size": name.size}, str(name)))
    except ConfigError as error:
        known = [*(card.name for card in catalogue.cards()), *fitted]
        if name.model in known:  # the name is right, and something else is not
            raise
        message = choice_message("a candidate", name.model, known)
        if "/" in name.model:
            raise ConfigError(f"{message} ({error})") from None
        raise ConfigError(f"{message} A path or a hub repository works too.") from None


def _default_or(one: NamedCandidate, modality: str) -> NamedCandidate:
    from headstart.backbones import catalogue

    if one.name.model != AUTO:
        return one
    named = CandidateName(catalogue.default_card(modality).name, one.name.size, one.name.stage, one.name.is_random)
    return NamedCandidate(named, _card(named))


def _entrant(one: NamedCandidate) -> Entrant:
    from headstart.backbones.pretrained.cut_card import boundary_after

    name, card = one.name, one.card
    if card is None:
        return Entrant(name.model, "fitted", None)
    boundary = None if name.stage is None else boundary_after(card, name.stage)
    if boundary == len(card.stages):
        boundary = None  # the output of the last stage is what the network gives
    stage = None if boundary is None else card.stages[boundary - 1]
    size = None if _is_usual(card, name.size) else name.size
    shown = CandidateName(card.name, size, stage, name.is_random)
    return Entrant(str(shown), "random" if name.is_random else "pretrained", card, boundary, stage, size is not None)


def _is_usual(card: Card, size: tuple[int, int] | None) -> bool:
    """Whether a size that was asked for is that of the shipped card."""
    from headstart.backbones import catalogue

    return size is None or any(each.name == card.name and each.image_size == size for each in catalogue.cards())


def _once(entrants: Iterable[Entrant]) -> list[Entrant]:
    found: dict[Any, Entrant] = {}
    for one in entrants:
        size = one.card and one.card.modality == "image" and one.card.image_size
        found.setdefault((one.kind, one.card and one.card.name, size, one.boundary, one.card is None and one.name), one)
    return list(found.values())


def _no_match(text: str, modality: str, meet: Sequence[Card], cards: Sequence[Card]) -> str:
    fitting = [card for card in cards if card.modality == modality]
    if meet:
        return (
            f"models must be for what the data hold, {modality}; those that meet {text!r} are for other inputs: "
            f"{_listed([card.name for card in meet])}. Change the filter."
        )
    parameters = _span([card.parameters / 1e6 for card in fitting])
    spans = f"{parameters} million parameters, {_span([card.size_mib for card in fitting])} MiB"
    licences = sorted({card.licence for card in fitting if card.licence})
    return (
        f"no model for {modality} meets {text!r}. There are {len(fitting)}: {spans}; "
        f"families {sorted({card.family for card in fitting})}; licences {licences}. Widen the filter."
    )


def _span(values: Sequence[float]) -> str:
    return f"{min(values):,.1f} to {max(values):,.1f}" if values else "no"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
