"""What decides a text network besides its weights: the library's config and the way from tokens to features."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headstart.core.config import Config

Pooling = Literal["mean", "cls", "last", "max"]
Activation = Literal["tanh", "identity"]


class Dense(Config):
    """A linear layer after the pooling, as sentence-transformers adds them."""

    inputs: int = Field(gt=0)
    outputs: int = Field(gt=0)
    bias: bool = True
    activation: Activation = "tanh"


class TextOptions(Config):
    """``Card.options`` of a text network."""

    config: dict[str, Any] = Field(description="Of the transformers library, without its names of classes.")
    pooling: Pooling = Field("mean", description="mean: over tokens; cls: the first one; last: the last one; max.")
    normalised: bool = Field(False, description="Whether features are scaled to length 1.")
    dense: tuple[Dense, ...] = Field((), description="Layers between pooling and scaling.")
