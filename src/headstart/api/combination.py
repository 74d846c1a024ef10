"""Trainings that ship together, as ``config.yaml`` writes them down: what is trained, and how it is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.core.errors import ConfigError

if TYPE_CHECKING:
    from headstart.api.fit_config import FitConfig

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


def require_combinable(request: FitConfig) -> None:
    """Raise ConfigError where there is nothing to combine, or something that does not train: told before the work."""
    from headstart.api.train_request import is_raced, is_train_method, train_request

    if request.ensemble and not is_raced(request):
        raise ConfigError(
            "--ensemble combines the trainings of a race, so there must be one; neither --minutes nor --tune asks for "
            f"it with the method {request.method['name']}. Give --minutes N or --tune N, or leave --ensemble out."
        )
    if request.combine is None or is_raced(request):
        return
    for each in (request.method, *request.combine.others):
        name = str(each.get("name", ""))
        if not is_train_method(name):
            raise ConfigError(
                f"combine must name train methods, in `method` and in each of its `others`; got {name!r}. Take the "
                "config.yaml of a run as it is, or leave combine out."
            )
        train_request(each)
