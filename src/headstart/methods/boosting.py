"""Gradient boosting of decision trees on plain columns, trained by scikit-learn and kept as arrays of nodes.

Friedman, The Annals of Statistics 29, 2001, doi:10.1214/aos/1013203451; histograms of values as in LightGBM (Ke et
al., NeurIPS 2017), by scikit-learn's HistGradientBoosting. Prediction needs NumPy alone and gives the same bits.

Rates are slow, trees small, and how large and how many is chosen on the folds by the loss of held-out rows: stopping
early on rows set apart would cost training rows and see them twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.core.search import Choice, LogRange, Space
from headstart.methods.boosted_trees import BoostedTrees
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.row_losses import row_losses
from headstart.methods.train_boosting import Setting, train_boosting
from headstart.methods.training_parts import training_parts

STAGES = 30  # numbers of rounds that are compared
BOLDEST = 0.3  # learning rate where rounds are few


class BoostingConfig(Config):
    """Defaults are ours, by four public tables."""

    space: ClassVar[Space] = {
        "learning_rate": LogRange(0.02, 0.2),
        "least_rows": Choice((5, 10, 20, 40)),
        "l2": LogRange(0.1, 30.0),
    }

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
        values = np.asarray(features, np.float64)
        problem = _Problem(values, targets, row_weights, self._setting(targets, int(rng.integers(2**31))))
        setting, out_of_fold, told = problem.search(folds, self.config)
        model = train_boosting(values, targets, row_weights, setting)
        spec = {"method": "boosting", "form": "trees", "width": targets.width, "features": features.shape[1]}
        report = {
            "leaves": setting.leaves,
            "rounds": setting.rounds,
            "learning_rate": setting.learning_rate,
            "trees": model.count,
            **told,
        }
        return Solution(Fitted(model.arrays(), spec), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        return BoostedTrees.from_arrays(fitted.arrays, fitted.spec).outputs(features)

    def _setting(self, targets: Targets, seed: int) -> Setting:
        """The most rounds that are affordable, each the bolder the fewer there are."""
        config = self.config
        trees_a_round = targets.width if targets.kind == "multilabel" or targets.width > 2 else 1
        rounds = max(1, min(config.rounds, config.most_trees // trees_a_round))
        rate = min(max(BOLDEST, config.learning_rate), config.learning_rate * config.rounds / rounds)
        return Setting(config.leaves[0], rounds, rate, config.least_rows, config.l2, config.threads, seed)


@dataclass(frozen=True)
class _Problem:
    """What is learned from, and the setting with the most rounds."""

    features: Floats
    targets: Targets
    weights: Floats
    setting: Setting

    def search(self, folds: Ints, config: BoostingConfig) -> tuple[Setting, Floats, dict[str, Any]]:
        """The setting to take, out-of-fold outputs ``(N, W)`` under it, and what was tried."""
        fold_of_row, training = training_parts(folds, self.weights)
        out_of_fold = np.full((len(self.features), self.targets.width), np.nan)
        if not self.weights[fold_of_row >= 0].sum() > 0:
            setting = replace(self.setting, rounds=min(self.setting.rounds, config.fallback_rounds))
            return setting, out_of_fold, {"path": [], "reason": "no row could be held out: the fallback's rounds"}
        path: list[dict[str, Any]] = []
        models: dict[int, list[BoostedTrees]] = {}
        for leaves in config.leaves:
            setting = replace(self.setting, leaves=leaves)
            models[leaves] = [train_boosting(self.features, self.targets, weights, setting) for weights in training[1:]]
            losses = self._losses(models[leaves], fold_of_row)
            path += [{"leaves": leaves, "rounds": rounds, "loss": loss} for rounds, loss in losses.items()]
        best = min(path, key=lambda point: (point["loss"], point["leaves"], point["rounds"]))
        for number, model in enumerate(models[best["leaves"]]):
            held_out = fold_of_row == number
            out_of_fold[held_out] = model.outputs(self.features[held_out], best["rounds"])
        setting = replace(self.setting, leaves=best["leaves"], rounds=best["rounds"])
        return setting, out_of_fold, {"path": path, "reason": "lowest out-of-fold loss"}

    def _losses(self, models: list[BoostedTrees], fold_of_row: Ints) -> dict[int, float]:
        """Mean out-of-fold loss after some numbers of rounds, STAGES of them at most."""
        rounds = self.setting.rounds
        total = self.weights[fold_of_row >= 0].sum()
        losses: dict[int, float] = {}
        for number, model in enumerate(models):
            held_out = fold_of_row == number
            part, weights = self.targets.take(held_out), self.weights[held_out]
            for count, outputs in model.stages(self.features[held_out], -(-rounds // STAGES), rounds):
                losses[count] = losses.get(count, 0.0) + float(row_losses(part, outputs) @ weights) / total
        return losses


PLUGIN = Plugin(
    build=Boosting,
    title="Boosted trees on the columns",
    config=BoostingConfig,
    kind="solve",
    paper="doi:10.1214/aos/1013203451",
    targets=ALL_KINDS,
    needs=frozenset({"missing"}),
    extra="tables",
)
