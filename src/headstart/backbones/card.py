"""The card of a backbone: what one should know before using its weights. Plain data, readable without torch."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.preprocessing import AnyPreprocessing, ImagePreprocessing


class Card(Config):
    """What is known about one set of weights; what is not known is None or says so."""

    name: str = Field(description="What a user types to get it.")
    modality: str = Field("image", description="What it takes: a file of data/modalities.")
    default: bool = Field(False, description="Whether it is the one that 'auto' means for its modality.")
    library: Literal["timm", "transformers", "headstart"] = Field("timm", description="What builds the network.")
    family: str = Field(description="File in pretrained/families that splits it into stages.")
    architecture: str = Field(description="The library's name of the architecture.")
    options: dict[str, Any] = Field(
        default={}, description="What else decides the network: the constructor's arguments, a config, the pooling."
    )
    source: str = Field(description="File in pretrained/sources that reads the weights.")
    location: str = Field(description="Where in that source: 'package:file', a hub repository, or a path.")
    sha256: str | None = Field(None, description="Of the weight file; None when it was not fetched yet, so not pinned.")
    parameters: int = Field(ge=0, description="Of the backbone, without the classifier.")
    flops: int | None = Field(
        ge=0,
        description="Floating-point operations of one input, without the classifier: a picture of the card's size, "
        "a text of 32 tokens, a recording of the shortest usual length; "
        "convolutions, matrix products and attention, a multiply-add counted as 2 (papers often count it as 1). "
        "Counted with torch.utils.flop_counter. None when it could not be counted.",
    )
    size_mib: float = Field(ge=0, description="Of the backbone's tensors in float32.")
    feature_dim: int = Field(gt=0, description="D, the width of the pooled features.")
    stages: tuple[str, ...] = Field(description="Names of the stages, in order.")
    preprocessing: AnyPreprocessing = Field(description="What the weights were trained to see.")
    licence: str | None = Field(None, description="SPDX-like identifier as its publisher states it; None: not stated.")
    licence_note: str = Field("", description="What the identifier leaves open.")
    pretraining: str = Field("not known", description="Data and task that the weights were trained on.")
    known_biases: str = Field("not known", description="What is known to go wrong, or for whom.")
    paper: str = Field("", description="Where architecture and weights are described.")
    notes: str = Field("", description="Anything else worth knowing before use.")
    cut: str | None = Field(
        None, description="Last of the network's own stages, where those after it are dropped; its output is averaged."
    )
    shapes: dict[str, tuple[int, ...]] = Field(
        default={}, description="Of tensors that the architecture has in other shapes: pruned channels."
    )
    random_seed: int | None = Field(None, description="Set when the weights are random, drawn from this seed.")

    @property
    def whole_name(self) -> str:
        """What a user types to get the network that this one was cut from; its own name where it is not cut."""
        return self.name if self.cut is None else self.name.removesuffix(f"@{self.cut}")

    @property
    def embedded(self) -> bool:
        """Whether the weights install as a package, with no hub and no network at run time."""
        return self.source == "embedded"

    @property
    def is_users_own(self) -> bool:
        """Whether the weights lie in a folder or file of the user's, whose place is nobody else's business."""
        return self.source in ("local", "transformers_local")

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width that the network sees; raises ConfigError when it sees no pictures."""
        if not isinstance(self.preprocessing, ImagePreprocessing):
            raise ConfigError(
                f"image_size is known of networks for pictures; {self.name} takes {self.modality}. Leave it out."
            )
        return self.preprocessing.image_size

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return self.model_dump(mode="json")
