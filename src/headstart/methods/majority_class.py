"""Majority class: each class's share of the training rows as its probability, whatever the input.

What any model that looks at its input must beat. It has the linear form with weights of 0, so it ships like one.
"""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import check_inputs
from headstart.methods.linear import linear_logits


class MajorityClassConfig(Config):
    """Nothing to set."""


def log_shares(values: Ints, weights: Floats, width: int) -> Floats:
    """Logarithm of each class's share of the weight, ``(width,)`` float64.

    A class without rows counts as half a row, so that no log-loss is infinite.
    """
    counts = np.bincount(values, weights=weights, minlength=width)
    shares: Floats = np.where(counts > 0, counts, 0.5) / weights.sum()
    return np.log(shares)


class MajorityClass:
    """The log-prior as logits."""

    def __init__(self, config: MajorityClassConfig) -> None:
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
        out_of_fold = np.full((len(features), targets.width), np.nan)
        for fold in np.unique(folds[folds >= 0]):
            seen = folds != fold
            if row_weights[seen].sum() > 0:
                out_of_fold[~seen] = log_shares(targets.values[seen], row_weights[seen], targets.width)
        bias = log_shares(targets.values, row_weights, targets.width)
        arrays = {
            "weight": np.zeros((targets.width, features.shape[1]), np.float32),
            "bias": bias.astype(np.float32),
        }
        fitted = Fitted(arrays, {"method": "majority_class", "form": "linear"})
        return Solution(fitted, out_of_fold, {"shares": np.exp(bias).tolist()})

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, K)`` logits, the same for each row."""
        return linear_logits(fitted, features)


PLUGIN = Plugin(build=MajorityClass, config=MajorityClassConfig, kind="solve")
