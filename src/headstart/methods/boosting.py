"""Gradient boosting of decision trees on plain columns, trained by scikit-learn and kept as arrays of nodes.

Friedman, The Annals of Statistics 29, 2001, doi:10.1214/aos/1013203451; histograms of values as in LightGBM (Ke et
al., NeurIPS 2017), by scikit-learn's HistGradientBoosting. Prediction needs NumPy alone and gives the same bits.

Rates are slow, trees small, and how large and how many is chosen on the folds by the loss of held-out rows: stopping
early on rows set apart would cost training rows and see them twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.boosted_trees import BoostedTrees
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.row_losses import row_losses
from headstart.methods.train_boosting import Setting, train_boosting
from headstart.methods.training_parts import training_parts

Losses = dict[int, float]


class BoostingConfig(Config):
    """Defaults are ours, by four public tables."""

    leaves: tuple[int, ...] = Field((8, 16), min_length=1, description="Sizes of trees that are tried.")
    learning_rate: float = Field(
        0.05, gt=0, le=1, description="Share of each tree's correction that is taken; more where rounds are few."
    )
    rounds: int = Field(300, ge=1, description="Rounds tried at most; each grows a tree per class or label.")
    most_trees: int = Field(1500, ge=1, description="Trees at most, over all classes or labels: fewer rounds for many.")
    least_rows: int = Field(20, ge=1, description="Rows in a leaf, at least.")
    l2: float = Field(1.0, ge=0, description="Penalty on half the squared values of leaves.")
    threads: int = Field(1, ge=1, description="Threads of training; more than one only pays for many rows.")
    fallback_rounds: int = Field(100, ge=1, description="Rounds where no row can be held out to choose by.")


class Boosting:
    """Boosted trees; missing values are NaN."""

    def __init__(self, config: BoostingConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; ``rng`` seeds scikit-learn, whose bins are a sample of many rows."""
        row_weights = check_inputs(features, targets, folds, weights, takes_missing=True)
        seed = int(rng.integers(2**31))
        fold_of_row, training = training_parts(folds, row_weights)
        values = np.asarray(features, np.float64)
        trees_a_round = targets.width if targets.kind == "multilabel" or targets.width > 2 else 1
        rounds = max(1, min(self.config.rounds, self.config.most_trees // trees_a_round))
        report: dict[str, Any] = {
            "path": [],
            "reason": "no row could be held out, so the rounds are the configured ones",
        }
        leaves, chosen = self.config.leaves[0], min(rounds, self.config.fallback_rounds)
        out_of_fold = np.full((len(values), targets.width), np.nan)
        if row_weights[fold_of_row >= 0].sum() > 0:
            tried = {
                size: self._fold_models(values, targets, training, size, rounds, seed) for size in self.config.leaves
            }
            paths = {
                size: _losses(models, values, targets, fold_of_row, row_weights, rounds)
                for size, models in tried.items()
            }
            leaves, chosen = min(
                ((size, count) for size, path in paths.items() for count in path),
                key=lambda choice: (paths[choice[0]][choice[1]], choice),
            )
            for number, model in enumerate(tried[leaves]):
                held_out = fold_of_row == number
                out_of_fold[held_out] = model.outputs(values[held_out], chosen)
            report = {
                "path": [
                    {"leaves": size, "rounds": count, "loss": loss}
                    for size, path in paths.items()
                    for count, loss in path.items()
                ],
                "reason": "lowest out-of-fold loss",
            }
        model = train_boosting(values, targets, row_weights, self._setting(leaves, chosen, rounds, seed))
        spec = {"method": "boosting", "form": "trees", "width": targets.width, "features": features.shape[1]}
        report = {"leaves": leaves, "rounds": chosen, "trees": model.count, **report}
        return Solution(Fitted(model.arrays(), spec), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        return BoostedTrees.from_arrays(fitted.arrays, fitted.spec).outputs(features)

    def _setting(self, leaves: int, rounds: int, most: int, seed: int) -> Setting:
        config = self.config
        rate = min(max(0.3, config.learning_rate), config.learning_rate * config.rounds / most)
        return Setting(leaves, rounds, rate, config.least_rows, config.l2, config.threads, seed)

    def _fold_models(
        self, features: Floats, targets: Targets, training: Floats, leaves: int, rounds: int, seed: int
    ) -> list[BoostedTrees]:
        setting = self._setting(leaves, rounds, rounds, seed)
        return [train_boosting(features, targets, weights, setting) for weights in training[1:]]


def _losses(
    models: list[BoostedTrees],
    features: Floats,
    targets: Targets,
    fold_of_row: Ints,
    row_weights: Floats,
    rounds: int,
) -> Losses:
    """Mean out-of-fold loss after each tenth part, and fewer, of the rounds."""
    steps = max(1, rounds // 30)
    total = row_weights[fold_of_row >= 0].sum()
    losses: Losses = {}
    for number, model in enumerate(models):
        held_out = fold_of_row == number
        part, weights = targets.take(held_out), row_weights[held_out]
        for count, outputs in model.stages(features[held_out], steps, rounds):
            losses[count] = losses.get(count, 0.0) + float(row_losses(part, outputs) @ weights) / total
    return losses


PLUGIN = Plugin(
    build=Boosting,
    config=BoostingConfig,
    kind="solve",
    paper="doi:10.1214/aos/1013203451",
    targets=ALL_KINDS,
    needs=frozenset({"missing"}),
    extra="tables",
)
