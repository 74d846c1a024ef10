"""The pretrained networks of a run, one per modality of its inputs, each with a twin of random weights."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.files import sha256_json

if TYPE_CHECKING:
    from headstart.backbones.card import Card
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.core.modality import Modality, Preparer
    from headstart.core.schema import InputSchema

TWIN_SEED = 0  # never the run's seed: a second run with another seed finds the twin's features kept
NO_MODEL = "none"  # what a resolved config says where no network sees the data


class ModelOptions(Config):
    """What ``model`` may hold besides the name."""

    name: str = Field("auto", description="A name of `headstart models`, a hub name, a folder or a weight file.")
    max_tokens: int | None = Field(None, ge=4, description="Of texts: most tokens that are read.")
    min_seconds: float | None = Field(None, ge=0, description="Of recordings: shorter ones are centred in silence.")
    max_seconds: float | None = Field(None, gt=0, description="Of recordings: of longer ones the middle is heard.")
    pooling: Literal["auto", "mean", "cls", "last", "max"] = Field("auto", description="Of texts: tokens to features.")
    pair: Literal["separate", "joint"] = Field(
        "separate",
        description="Of two texts: each alone, then both and how they differ; or both in one input with a separator.",
    )
    resize: Literal["auto", "crop", "squash", "pad"] = Field("auto", description="auto: as the weights were trained.")
    architecture: str | None = Field(None, description="timm's name, for a weight file that does not say it.")
    image_size: tuple[int, int] | None = Field(None, description="Height and width to run at.")
    stage: str | int | None = Field(
        None, description="Last stage that is run, by name or number; its averaged output is the features."
    )
    copies_by: str | None = Field(
        None,
        description="Network in whose view of the inputs near-duplicates are looked for, where it is another one; "
        "filled in by a run that chose among several, so that the split is that which the choice was made on.",
    )
    sha256: str | None = Field(None, description="Expected of the weight file; filled in by a run.")


@dataclass(frozen=True)
class Network:
    """The card that decides everything, and what is built from it when it is needed."""

    card: Card
    expected_sha256: str | None

    @property
    def title(self) -> str:
        """What to call the model where others read it: the path of a user's own file stays out."""
        return Path(os.path.abspath(self.card.name)).name if self.card.is_users_own else self.card.name

    @cached_property
    def backbone(self) -> Backbone:
        """With its pretrained weights, checked against their sha256."""
        from headstart.backbones.pretrained.load import load_card

        return load_card(self.card, expected_sha256=self.expected_sha256)

    def with_backbone(self, backbone: Backbone) -> Network:
        """The same network with other weights: those it was trained to."""
        other = Network(self.card, None)
        other.__dict__["backbone"] = backbone  # where a cached property keeps its value
        return other

    @property
    def shipped(self) -> Backbone:
        """The same network under a card for others: the place of a user's own file stays out."""
        backbone = self.backbone
        if not backbone.card.is_users_own:
            return backbone
        named = copy.copy(backbone)  # the same tensors
        named.card = backbone.card.model_copy(update={"name": self.title, "location": self.title})
        return named

    @cached_property
    def digest(self) -> str:
        """Address of the pretrained weights, all stages; they do not change during a run."""
        return self.backbone.weights_digest(self.stop)

    @property
    def stop(self) -> int:
        """How many stages with weights there are: where it is cut, the last one only averages."""
        return len(self.card.stages) - (self.card.cut is not None)

    @cached_property
    def twin(self) -> Backbone:
        """The same architecture with random weights."""
        from headstart.backbones.pretrained.load import load_card

        return load_card(self.card, random_seed=TWIN_SEED)

    @property
    def modality(self) -> Modality:
        """What kind of input it sees."""
        from headstart.data.modalities import modality

        return modality(self.card.modality)

    @cached_property
    def preparer(self) -> Preparer:
        """From an input's bytes to what it sees."""
        return self.modality.preparer(self.backbone.preprocessing, self.backbone.assets)

    @cached_property
    def twin_digest(self) -> str:
        """Address of the twin's weights without drawing them: they follow from these facts."""
        from headstart.core.versions import version

        card = self.card
        return sha256_json(
            {
                "random_seed": TWIN_SEED,
                "architecture": card.architecture,
                "options": card.options,
                **({"cut": card.cut} if card.cut else {}),
                "preprocessing": card.preprocessing.model_dump(mode="json"),
                "versions": [version("torch"), version(card.library) if card.library != "headstart" else "headstart"],
            }
        )


Networks = dict[str, Network]  # by modality, in the order of the schema's parts


def named_card(options: ModelOptions) -> Card | None:
    """The card of a model that was named; None for "auto" and "none": a wrong name is told before data are read."""
    if options.name in ("auto", NO_MODEL):
        return None
    from headstart.backbones.pretrained.find import BackboneOptions, find_card

    return find_card(options.name, BackboneOptions.parse(_built_with(options), "model"))


def find_networks(options: ModelOptions, named: Card | None, schema: InputSchema) -> Networks:
    """A network for each modality among the parts: the named one for its own, the embedded default for others.

    Raises:
        ConfigError: the named model sees inputs of a kind that the data do not hold.
    """
    wanted = list(dict.fromkeys(part.modality for part in schema.parts))
    if named is not None and named.modality not in wanted:
        holds = ", ".join(wanted) or "plain columns only"
        raise ConfigError(
            f"the model must be for inputs that the data hold ({holds}); {named.name} is for {named.modality}. "
            "Leave --model out, or name the column that it should see with --input."
        )
    networks = {}
    for modality in wanted:
        is_named = named is not None and named.modality == modality
        card = named if named is not None and is_named else _default(modality, options, len(wanted) == 1)
        networks[modality] = Network(_adjusted(card, options), options.sha256 if is_named else None)
    return networks


def _default(modality: str, options: ModelOptions, is_only: bool) -> Card:
    from headstart.backbones.catalogue import default_card
    from headstart.backbones.pretrained.find import BackboneOptions, find_card

    name = default_card(modality).name
    return find_card(name, BackboneOptions.parse(_built_with(options) if is_only else {}, "model"))


def _built_with(options: ModelOptions) -> dict[str, Any]:
    return {
        "architecture": options.architecture,
        "image_size": options.image_size,
        "max_tokens": options.max_tokens,
        "min_seconds": options.min_seconds,
        "max_seconds": options.max_seconds,
        "pooling": options.pooling,
        "stage": options.stage,
    }


def _adjusted(card: Card, options: ModelOptions) -> Card:
    if options.resize == "auto" or card.modality != "image":
        return card
    preprocessing = card.preprocessing.model_copy(update={"resize": options.resize})
    return card.model_copy(update={"preprocessing": preprocessing})
