"""Majority class: each class's share of the training rows as its probability, whatever the input.

What any model that looks at its input must beat. Of labels it is each label's share. It has the linear form with
weights of 0, so it ships like one.
"""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.constant import solve_constant
from headstart.methods.inputs import check_inputs
from headstart.methods.linear import check_width

KINDS = frozenset({"class", "ordinal", "multilabel"})


class MajorityClassConfig(Config):
    """Nothing to set."""


def log_shares(values: Ints, weights: Floats, width: int) -> Floats:
    """Logarithm of each class's share of the weight, ``(width,)`` float64.

    A class without rows counts as half a row, so that no log-loss is infinite.
    """
    counts = np.bincount(values, weights=weights, minlength=width)
    shares: Floats = np.where(counts > 0, counts, 0.5) / weights.sum()
    return np.log(shares)


def log_odds(labels: Floats, weights: Floats) -> Floats:
    """Log-odds of each label ``(L,)`` of ``labels`` ``(N, L)``; none, or all, count as half a row less than sure."""
    with_it = weights @ labels
    without = weights.sum() - with_it
    odds: Floats = np.log(np.maximum(with_it, 0.5)) - np.log(np.maximum(without, 0.5))
    return odds


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
        row_weights = check_inputs(
            features, targets, folds, weights, kinds=KINDS, takes_sparse=True, takes_missing=True
        )

        def constant(part: Targets, part_weights: Floats) -> Floats:
            if part.kind == "multilabel":
                return log_odds(part.values, part_weights)
            return log_shares(part.values, part_weights, part.width)

        fitted, out_of_fold = solve_constant("majority_class", constant, features, targets, folds, row_weights)
        bias = fitted.arrays["bias"].astype(np.float64)
        shares = 1 / (1 + np.exp(-bias)) if targets.kind == "multilabel" else np.exp(bias)
        return Solution(fitted, out_of_fold, {"shares": shares.tolist()})

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` logits, the same for each row."""
        check_width(fitted, features)
        return np.tile(fitted.arrays["bias"].astype(np.float64), (features.shape[0], 1))


PLUGIN = Plugin(
    build=MajorityClass,
    config=MajorityClassConfig,
    kind="solve",
    targets=KINDS,
    needs=frozenset({"sparse", "missing"}),
    title="Always the most common answer",
)
