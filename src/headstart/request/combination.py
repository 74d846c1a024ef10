"""Trainings that ship together, as ``config.yaml`` writes them down: what is trained, and how it is put together."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from headstart.core.config import Config

How = Literal["soup", "ensemble"]


class Combination(Config):
    """Trainings beside the one of ``method``, and what is averaged: weights (soup) or outputs (ensemble)."""

    how: How = Field(description="soup: one network of averaged weights; ensemble: several with averaged outputs.")
    others: tuple[dict[str, Any], ...] = Field(
        min_length=1, description="Name and settings of each train method beside the first, which is `method`."
    )
    times: tuple[int, ...] = Field(description="How often each counts in the average, the first one's before others'.")

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if len(self.times) != len(self.others) + 1 or min(self.times) < 1:
            raise ValueError(
                f"times must hold a whole number of at least 1 for `method` and for each of the {len(self.others)} "
                f"others; got {list(self.times)}"
            )
        if self.how == "soup" and max(self.times) > 1:
            raise ValueError(f"each counts once in a soup; got times {list(self.times)}")
        return self
