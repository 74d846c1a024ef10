"""Sparse linear model: the fixed recipe for many features of which few are not 0, such as the words of a text.

Classes, grades and labels: linear support vector machines, one against the rest, with the squared hinge loss (Fan et
al., LIBLINEAR, JMLR 9, 2008; by scikit-learn), whose margins become probabilities by a scale and a shift learned on
held-out rows (Platt, 1999). Numbers: ridge regression by conjugate gradients. Nothing is searched for: on TF-IDF one
strength serves (77 intents of banking customers: accuracy 0.912 at C = 1, 0.906 at 0.3; solubility from the letters of
1,128 formulas: error 0.88 at a ridge of 0.3, 0.97 at 1, 0.86 at 0.1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.calibration import Calibration, calibrate
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.linear import linear_outputs
from headstart.methods.margins import Margins, Recipe, support_vector_margins
from headstart.methods.sparse_ridge import sparse_ridge
from headstart.methods.training_parts import training_parts


class SparseLinearConfig(Config):
    """Defaults are ours."""

    c: float = Field(1.0, gt=0, description="Influence of each row against half the squared weights (1 / penalty).")
    ridge: float = Field(0.3, gt=0, description="Penalty on half the squared weights where targets are numbers.")
    tolerance: float = Field(0.1, gt=0, description="Of LIBLINEAR, all rows.")
    fold_tolerance: float = Field(0.5, gt=0, description="The same for the folds; accuracy moves by 0.001.")
    passes: int = Field(1000, ge=1, description="Over the rows, at most; features of unlike scales may need more.")
    fold_passes: int = Field(5, ge=1, description="The same for the folds; log-loss moves by 0.001 against no limit.")
    fallback_scale: float = Field(3.0, gt=0, description="Logits a margin is worth where no row is held out.")


class SparseLinear:
    """Linear outputs of sparse or dense features, which are taken as they come: no standardising."""

    def __init__(self, config: SparseLinearConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; ``rng`` seeds LIBLINEAR's order of rows."""
        row_weights = check_inputs(features, targets, folds, weights, takes_sparse=True)
        config = self.config
        recipe = Recipe(config.c, config.tolerance, config.passes, seed=int(rng.integers(2**31)))
        loose = replace(recipe, tolerance=config.fold_tolerance, passes=config.fold_passes)
        fold_of_row, training = training_parts(folds, row_weights)
        out_of_fold = np.full((features.shape[0], targets.width), np.nan)
        for number, part in enumerate(training[1:]):
            model = self._solve(features, targets, part, loose)
            held_out = fold_of_row == number
            out_of_fold[held_out] = model.outputs(features[held_out])
        model = self._solve(features, targets, row_weights, recipe)
        report: dict[str, object] = {"ridge": self.config.ridge} if targets.kind == "real" else {"c": self.config.c}
        if targets.kind != "real":
            held_out = (fold_of_row >= 0) & (row_weights > 0)
            calibration = Calibration(self.config.fallback_scale, 0.0)
            if held_out.any():
                calibration = calibrate(targets.take(held_out), out_of_fold[held_out], row_weights[held_out])
            out_of_fold = calibration.logits(out_of_fold, targets.kind)
            model = model.calibrated(calibration, targets.kind)
            report |= {"scale": calibration.scale, "shift": calibration.shift}
        arrays = {"weight": model.weight.astype(np.float32), "bias": model.bias.astype(np.float32)}
        return Solution(Fitted(arrays, {"method": "sparse_linear", "form": "linear"}), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs."""
        return linear_outputs(fitted, features)

    def _solve(self, features: Floats, targets: Targets, weights: Floats, recipe: Recipe) -> Margins:
        if targets.kind == "real":
            return sparse_ridge(features, targets.values, weights, self.config.ridge)
        return support_vector_margins(features, targets, weights, recipe)


PLUGIN = Plugin(
    build=SparseLinear,
    title="Sparse linear model",
    config=SparseLinearConfig,
    kind="solve",
    paper="LIBLINEAR, JMLR 9 (2008)",
    targets=ALL_KINDS,
    needs=frozenset({"sparse"}),
    extra="text",
)
