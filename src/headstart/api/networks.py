"""The pretrained network of a run, its twin with random weights, and the pixels candidate."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from headstart.core import plugins
from headstart.core.config import Config
from headstart.core.files import sha256_json

if TYPE_CHECKING:
    from headstart.backbones.card import Card
    from headstart.backbones.pretrained.backbone import Backbone

DEFAULT_MODEL = "efficientnet_lite0"
TWIN_SEED = 0  # never the run's seed: a second run with another seed finds the twin's features kept
PIXELS = "pixel_histograms"


class ModelOptions(Config):
    """What ``model`` may hold besides the name."""

    name: str = Field("auto", description="A name of `headstart models`, timm/NAME, a folder or a weight file.")
    resize: Literal["auto", "crop", "squash", "pad"] = Field("auto", description="auto: as the weights were trained.")
    architecture: str | None = Field(None, description="timm's name, for a weight file that does not say it.")
    image_size: tuple[int, int] | None = Field(None, description="Height and width to run at.")
    sha256: str | None = Field(None, description="Expected of the weight file; filled in by a run.")


@dataclass(frozen=True)
class Networks:
    """The card that decides everything, and what is built from it when it is needed."""

    card: Card
    expected_sha256: str | None

    @property
    def title(self) -> str:
        """What to call the model where others read it: the path of a user's own file stays out."""
        return Path(self.card.name).name if self.card.source == "local" else self.card.name

    @cached_property
    def backbone(self) -> Backbone:
        """With its pretrained weights, checked against their sha256."""
        from headstart.backbones.pretrained.load import load_card

        return load_card(self.card, expected_sha256=self.expected_sha256)

    @property
    def shipped(self) -> Backbone:
        """The same network under a card for others: the place of a user's own file stays out."""
        backbone = self.backbone
        if backbone.card.source != "local":
            return backbone
        named = copy.copy(backbone)  # the same tensors
        named.card = backbone.card.model_copy(update={"name": self.title, "location": self.title})
        return named

    @cached_property
    def digest(self) -> str:
        """Address of the pretrained weights, all stages; they do not change during a run."""
        return self.backbone.weights_digest(len(self.backbone.stages))

    @cached_property
    def twin(self) -> Backbone:
        """The same architecture with random weights."""
        from headstart.backbones.pretrained.load import load_card

        return load_card(self.card, random_seed=TWIN_SEED)

    @cached_property
    def pixels(self) -> Any:
        """The candidate without a network; see ``backbones/fitted``."""
        plugin = plugins.load("backbones.fitted", PIXELS)
        return plugin.build(plugin.config())

    @cached_property
    def twin_digest(self) -> str:
        """Address of the twin's weights without drawing them: they follow from these facts."""
        from importlib.metadata import version

        card = self.card
        return sha256_json(
            {
                "random_seed": TWIN_SEED,
                "architecture": card.architecture,
                "options": card.options,
                "image_size": list(card.preprocessing.image_size),
                "versions": [version("torch"), version("timm")],
            }
        )


def find_networks(options: ModelOptions) -> Networks:
    """The networks for a request; "auto" is the embedded default."""
    from headstart.backbones.pretrained.load import BackboneOptions, find_card

    name = DEFAULT_MODEL if options.name == "auto" else options.name
    wanted = {"architecture": options.architecture, "image_size": options.image_size}
    card = find_card(name, BackboneOptions.parse(wanted, "model"))
    if options.resize != "auto":
        preprocessing = card.preprocessing.model_copy(update={"resize": options.resize})
        card = card.model_copy(update={"preprocessing": preprocessing})
    return Networks(card, options.sha256)
