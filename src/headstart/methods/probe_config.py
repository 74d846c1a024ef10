"""Settings of the linear probe: the path of strengths and how exactly its problems are solved."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from headstart.core.config import Config


class LinearProbeConfig(Config):
    """Strengths are penalties per feature: 1 means a penalty of D on half the squared weights."""

    strongest: float = Field(100.0, gt=0, description="Where the path of regularisation strengths begins.")
    weakest: float = Field(1e-6, gt=0, description="Where it ends, if the log-loss has not turned upward before.")
    steps_per_decade: int = Field(2, ge=1, description="Strengths tried per factor of 10.")
    least_spread: float = Field(
        0.1, ge=0, description="Spreads below this share of the median spread are taken to be that large."
    )
    fallback: float = Field(0.01, gt=0, description="Strength where no row can be held out to choose by.")
    loss: Literal["auto", "squared", "huber"] = Field(
        "auto", description="Of numbers: auto takes the one with the lower out-of-fold error."
    )
    tolerance: float = Field(1e-6, gt=0, description="Distance to the optimum in nats per row, all rows.")
    fold_tolerance: float = Field(
        1e-5, gt=0, description="The same for the folds; their log-loss then is right to about 0.002 nats."
    )
    stop_early: bool = Field(True, description="Leave out weaker strengths once the log-loss has clearly risen.")
    threads: int = Field(1, ge=1, description="Torch threads; more than one slows small problems down.")

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        if self.weakest > self.strongest:
            raise ValueError(f"weakest must be at most strongest ({self.strongest})")
        return self

    def strengths(self) -> list[float]:
        """The path, strong to weak."""
        decades = np.log10(self.strongest / self.weakest)
        count = max(0, round(decades * self.steps_per_decade)) + 1
        return [self.strongest * 10 ** (-step / self.steps_per_decade) for step in range(count)]
