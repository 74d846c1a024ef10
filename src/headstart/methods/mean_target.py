"""Mean target: the mean of the training rows, whatever the input: what a model of numbers must beat.

It has the linear form with weights of 0, so it ships like one.
"""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.constant import solve_constant
from headstart.methods.inputs import check_inputs
from headstart.methods.linear import check_width

KINDS = frozenset({"real"})
NEEDS = frozenset({"sparse", "missing"})


class MeanTargetConfig(Config):
    """Nothing to set."""


def weighted_mean(targets: Targets, weights: Floats) -> Floats:
    """``(1,)`` float64."""
    return np.array([np.average(targets.values, weights=weights)])


class MeanTarget:
    """One number for every row."""

    def __init__(self, config: MeanTargetConfig) -> None:
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
        row_weights = check_inputs(
            features, targets, folds, weights, kinds=KINDS, takes_sparse=True, takes_missing=True
        )
        fitted, out_of_fold = solve_constant("mean_target", weighted_mean, features, targets, folds, row_weights)
        return Solution(fitted, out_of_fold, {"mean": float(fitted.arrays["bias"][0])})

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, 1)``, the same for each row."""
        check_width(fitted, features)
        return np.tile(fitted.arrays["bias"].astype(np.float64), (features.shape[0], 1))


PLUGIN = Plugin(
    build=MeanTarget, config=MeanTargetConfig, kind="solve", targets=KINDS, needs=NEEDS, title="Always the mean"
)
