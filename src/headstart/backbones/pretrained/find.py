"""From a name or a path to a card, and to the backbone of that card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from headstart.backbones import catalogue
from headstart.backbones.card import Card
from headstart.backbones.pretrained.load import load_card
from headstart.backbones.pretrained.source import SOURCES, find_source
from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.errors import ConfigError, choice_message

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


class BackboneOptions(Config):
    """What can be set about a backbone besides its name."""

    architecture: str | None = Field(None, description="timm's name, for a weight file that does not say it.")
    max_tokens: int | None = Field(
        None, ge=4, description="Of texts: most tokens that are read; what follows is cut off."
    )
    pooling: Literal["auto", "mean", "cls", "last", "max"] = Field(
        "auto", description="Of texts: from tokens to features. auto: as the weights were trained."
    )
    max_seconds: float | None = Field(None, gt=0, description="Of recordings: of longer ones the middle is heard.")
    min_seconds: float | None = Field(
        None, ge=0, description="Of recordings: shorter ones are heard in the middle of that much silence."
    )
    stage: str | int | None = Field(
        None, description="Name or number of the last stage that is run; its averaged output is the features."
    )
    image_size: tuple[Annotated[int, Field(ge=16)], Annotated[int, Field(ge=16)]] | None = Field(
        None, description="Height and width to run at instead of the size the weights were trained at."
    )


def find_card(name_or_path: str, options: BackboneOptions | None = None) -> Card:
    """The card of a shipped name, an existing path, or a hub repository; weights are not read.

    Shipped names come first; write ``./name`` for a folder of the same name. A repository without a shipped card has
    its config.json fetched.

    Raises:
        ConfigError: none of these; the message suggests the nearest name.
        UserError: a hub repository that cannot be reached.
        DataError: a path without usable weights.
    """
    options = options or BackboneOptions()
    shipped = {card.name: card for card in catalogue.cards()}
    found = shipped.get(name_or_path)
    for source in plugins.names(SOURCES):
        found = found or find_source(source).find(name_or_path, options.architecture)
    if found is None:
        message = choice_message("model", name_or_path, shipped)
        raise ConfigError(
            f"{message} A path or a hub repository (timm/resnet50.a1_in1k, hf:google-bert/bert-base-uncased) works too."
        )
    return adjusted_card(found, options)


def adjusted_card(card: Card, options: BackboneOptions) -> Card:
    """The card of the same network at another size of inputs, or cut after a stage.

    Raises:
        ConfigError: the network cannot be had so.
    """
    card = _timed(_adjusted(_resized(card, options.image_size), options), options)
    return card if options.stage is None else _cut(card, options.stage)


def load(
    name_or_path: str,
    *,
    random_seed: int | None = None,
    options: BackboneOptions | None = None,
    expected_sha256: str | None = None,
) -> Backbone:
    """The backbone in eval mode, float32, on the CPU; its card holds the sha256 of the weights that were read.

    Args:
        name_or_path: A name from the catalogue, a folder or file, or a hub repository (``timm/resnet50.a1_in1k``).
        random_seed: Ignore the weights (and fetch none): the same architecture with random ones drawn from this seed.
        options: Architecture and image size where they are not to be the card's.
        expected_sha256: Of the weight file, when a former run recorded it and the same bits are wanted.

    Raises:
        What :func:`find_card` raises, and
        IntegrityError: the weight file is damaged, or its sha256 is not the pinned or expected one.
        ShapeError: the weights are those of another architecture.
    """
    return load_card(find_card(name_or_path, options), random_seed=random_seed, expected_sha256=expected_sha256)


def _cut(card: Card, stage: str | int) -> Card:
    from headstart.backbones.pretrained.cut_card import cut_card

    return cut_card(card, stage)


def _adjusted(card: Card, options: BackboneOptions) -> Card:
    """The card with the length and pooling of texts that were asked for."""
    if options.max_tokens is None and options.pooling == "auto":
        return card
    if card.modality != "text":
        raise ConfigError(f"model.max_tokens and model.pooling are for texts; {card.name} takes {card.modality}.")
    from headstart.backbones.pretrained.text.folder_card import adjusted

    return adjusted(card, options.max_tokens, options.pooling)


def _timed(card: Card, options: BackboneOptions) -> Card:
    """The card with the shortest and longest recording that were asked for."""
    asked = {"min_seconds": options.min_seconds, "max_seconds": options.max_seconds}
    changed = {key: value for key, value in asked.items() if value is not None}
    if not changed:
        return card
    if card.modality != "sound":
        raise ConfigError(f"model.{next(iter(changed))} is for recordings; {card.name} takes {card.modality}.")
    from headstart.backbones.pretrained.family import family

    told = card.preprocessing.model_dump()
    shortest = family(card.family).shortest_seconds
    longest = told["max_seconds"] if told["step_seconds"] == told["max_seconds"] else float("inf")  # of fixed length
    if not all(shortest <= seconds <= longest for seconds in changed.values()):
        most = f" to {longest:g}" if longest < float("inf") else " or more"
        raise ConfigError(f"recordings that {card.name} hears must have {shortest:g}{most} seconds; got {changed}.")
    return Card.parse(card.model_dump() | {"preprocessing": told | changed}, card.name)


def _resized(card: Card, image_size: tuple[int, int] | None) -> Card:
    """The card at another image size: cost is counted anew, and a fixed-size network is built for that size."""
    if image_size is None or image_size == card.image_size:
        return card
    from headstart.backbones.pretrained.measure import has_fixed_size, measure

    options: dict[str, Any] = dict(card.options)
    if has_fixed_size(card.architecture, card.options):
        options["img_size"] = list(image_size)
    changed = {
        "options": options,
        "preprocessing": card.preprocessing.model_copy(update={"image_size": image_size}),
        **measure(card.architecture, options, image_size),
    }
    return Card.parse(card.model_dump() | changed, card.name)
