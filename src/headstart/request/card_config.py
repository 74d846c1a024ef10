"""What only people know of a model, for its card: what it is for, and where its data come from."""

from __future__ import annotations

from pydantic import Field

from headstart.core.config import Config


class CardConfig(Config):
    """Texts for the model card; what is left out is said to be missing there."""

    intended_use: str | None = Field(None, description="What the model is for, and who uses it.")
    out_of_scope: str | None = Field(None, description="What it must not be used for.")
    data_source: str | None = Field(None, description="Where the data come from, and how they were labelled.")
    data_licence: str | None = Field(None, description="Under which licence, or on which ground, the data may be used.")
    contact: str | None = Field(None, description="Who answers questions.")
