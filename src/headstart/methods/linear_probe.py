"""Linear probe: a linear model on frozen features, its strength of regularisation chosen by cross-validation.

Alain & Bengio, 2016, arXiv:1610.01644 (probes); Hastie, Tibshirani & Friedman, The Elements of Statistical Learning,
2009, ch. 3.4, 4.4 and 7.10 (the models, the choice). Classes and grades: multinomial logistic regression; labels: one
logistic regression each; numbers: ridge regression, or Huber's where outliers ask for it. The problems are convex:
they are solved, not approached by epochs.
"""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.linear import linear_outputs


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


class LinearProbe:
    """A linear model on standardised features; which one, the kind of the targets decides."""

    def __init__(self, config: LinearProbeConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; nothing is drawn from ``rng``."""
        row_weights = check_inputs(features, targets, folds, weights)
        from headstart.methods.probe_logistic import solve_logistic
        from headstart.methods.probe_numbers import solve_numbers
        from headstart.methods.threads import torch_threads

        solve = solve_numbers if targets.kind == "real" else solve_logistic
        with torch_threads(self.config.threads):
            return solve(features, targets, folds, row_weights, self.config)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs."""
        return linear_outputs(fitted, features)


PLUGIN = Plugin(build=LinearProbe, config=LinearProbeConfig, kind="solve", paper="arXiv:1610.01644", targets=ALL_KINDS)
