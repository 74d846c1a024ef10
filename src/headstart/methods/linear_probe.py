"""Linear probe: a linear model on frozen features, its strength of regularisation chosen by cross-validation.

Alain & Bengio, 2016, arXiv:1610.01644 (probes); Hastie, Tibshirani & Friedman, The Elements of Statistical Learning,
2009, ch. 3.4, 4.4 and 7.10 (the models, the choice). Classes and grades: multinomial logistic regression; labels: one
logistic regression each; numbers: ridge regression, or Huber's where outliers ask for it. The problems are convex:
they are solved, not approached by epochs.
"""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.linear import linear_outputs
from headstart.methods.probe_config import LinearProbeConfig


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


PLUGIN = Plugin(
    build=LinearProbe,
    config=LinearProbeConfig,
    kind="solve",
    paper="arXiv:1610.01644",
    targets=ALL_KINDS,
    title="Linear probe",
)
