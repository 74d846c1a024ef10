"""The linear probe of numbers: ridge regression over a path of strengths, and Huber's where it predicts better.

The loss with the lower out-of-fold root mean square error is taken. Over eight targets of five public tables that cost
at most 0.003 standard deviations of the target against the better one on held-out rows; with 5 % of the training
targets spoiled by errors of ten standard deviations it took Huber's each time, which then was off by 0.24 to 0.88
standard deviations where the squared loss was off by 0.36 to 0.91.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.methods.inputs import as_tensor
from headstart.methods.ridge import Ridge
from headstart.methods.training_parts import training_parts
from headstart.methods.weightings import Weightings

if TYPE_CHECKING:
    from headstart.methods.probe_config import LinearProbeConfig

EFFICIENT = 1.345  # standard deviations at which Huber's loss keeps 95 % of the efficiency on normal residuals
MAD_OF_NORMAL = 0.6745  # median absolute deviation of a standard normal


NEAR = 2  # strengths on each side of the squared loss's best one that Huber's loss is tried with


@dataclass(frozen=True)
class _Choice:
    """The path under one loss: what each strength gives on held-out rows, and the best.

    Attributes:
        path: Strength and out-of-fold root mean square error.
        strength: Of the lowest error, which is
        error: that.
        out_of_fold: ``(N,)`` at that strength; NaN for rows never held out.
    """

    path: list[tuple[float, float]]
    strength: float
    error: float
    out_of_fold: Tensor


def solve_numbers(
    features: Floats, targets: Targets, folds: Ints, row_weights: Floats, config: LinearProbeConfig
) -> Solution:
    """Choose strength and loss on the folds and solve all rows with them.

    Args:
        features: ``(N, D)``.
        targets: Numbers.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT.
        row_weights: ``(N,)``.
        config: Of the probe.
    """
    fold_of_row, training = training_parts(folds, row_weights)
    weightings = Weightings.build(as_tensor(features), torch.from_numpy(training), config.least_spread)
    varying = int((weightings.inverse > 0).sum())
    unit = float(max(1, varying))
    response = torch.tensor(targets.values, dtype=torch.float64)
    held_out = torch.from_numpy(fold_of_row >= 0)
    out_of_fold = np.full((len(features), 1), np.nan)
    everything = Ridge(weightings.rows(0))
    if bool((held_out & (weightings.weights[0] > 0)).any()):
        choices, loss, delta = _Search(weightings, torch.from_numpy(fold_of_row), response, unit).choose(config)
        strength = choices[loss].strength
        out_of_fold[fold_of_row >= 0, 0] = choices[loss].out_of_fold[held_out].numpy()
        told = _told(choices, loss, config.strengths())
    else:
        strength = config.fallback
        loss, delta = _without_folds(everything, response, strength * unit, config.loss)
        told = {"path": [], "reason": "no row could be held out, so the strength is the configured fallback"}
    penalties = torch.tensor([strength * unit], dtype=torch.float64)
    if loss == "huber":
        weight, bias = everything.fit_huber(response, penalties, delta)
        told["delta"] = delta
    else:
        weight, bias = everything.fit(response[:, None], penalties)
    raw_weight, raw_bias = weightings.raw(0, weight[:, 0], bias[0])
    arrays = {"weight": raw_weight[None].float().numpy(), "bias": raw_bias[None].float().numpy()}
    report = {
        "strength": strength,
        "penalty": strength * unit,
        "loss": loss,
        "features": {"varying": varying, "constant": features.shape[1] - varying},
        **told,
    }
    return Solution(Fitted(arrays, {"method": "linear_probe", "form": "linear"}), out_of_fold, report)


def where_to_cut(residuals: Tensor) -> float:
    """Huber's delta in the targets' unit, of ``(n,)`` residuals; 0 where more than half of them are 0."""
    return EFFICIENT * float(residuals.abs().median()) / MAD_OF_NORMAL


def _without_folds(ridge: Ridge, response: Tensor, penalty: float, loss: str) -> tuple[str, float]:
    """The loss that was asked for, and delta from the rows that were learned from."""
    weight, bias = ridge.fit(response[:, None], torch.tensor([penalty], dtype=torch.float64))
    delta = where_to_cut((response - ridge.rows.times(weight, bias)[:, 0])[ridge.seen])
    return ("huber" if loss == "huber" and delta > 0 else "squared"), delta


class _Search:
    """Every strength on every fold, from one decomposition a fold."""

    def __init__(self, weightings: Weightings, fold_of_row: Tensor, response: Tensor, unit: float) -> None:
        self.fold_of_row, self.response, self.unit = fold_of_row, response, unit
        self.folds = [Ridge(weightings.rows(index)) for index in range(1, len(weightings.weights))]
        self.held_out = (fold_of_row >= 0) & (weightings.weights[0] > 0)
        self.weights = weightings.weights[0][self.held_out]

    def choose(self, config: LinearProbeConfig) -> tuple[dict[str, _Choice], str, float]:
        """What each loss reaches, the one to take, and Huber's delta."""
        strengths = config.strengths()
        choices = {"squared": self._follow(strengths, None)}
        best = strengths.index(choices["squared"].strength)
        delta = where_to_cut((self.response - choices["squared"].out_of_fold)[self.held_out])
        if config.loss != "squared" and delta > 0:
            choices["huber"] = self._follow(strengths[max(0, best - NEAR) : best + NEAR + 1], delta)
        if config.loss in choices:
            return choices, config.loss, delta
        return choices, min(choices, key=lambda name: choices[name].error), delta

    def _follow(self, strengths: list[float], delta: float | None) -> _Choice:
        """Out-of-fold errors under the squared loss where ``delta`` is None, else under Huber's."""
        penalties = torch.tensor(strengths, dtype=torch.float64) * self.unit
        outputs = torch.full((len(self.response), len(strengths)), torch.nan, dtype=torch.float64)
        for number, fold in enumerate(self.folds):
            if delta is None:
                weight, bias = fold.fit(self.response[:, None].expand(-1, len(strengths)), penalties)
            else:
                weight, bias = fold.fit_huber(self.response, penalties, delta)
            rows = self.fold_of_row == number
            outputs[rows] = fold.rows.times(weight, bias)[rows]
        squares = (outputs - self.response[:, None])[self.held_out].square()
        errors = ((self.weights @ squares) / self.weights.sum()).sqrt()
        best = int(errors.argmin())
        path = list(zip(strengths, errors.tolist(), strict=True))
        return _Choice(path, strengths[best], float(errors[best]), outputs[:, best])


def _told(choices: dict[str, _Choice], loss: str, strengths: list[float]) -> dict[str, Any]:
    chosen = choices[loss]
    edges = {strengths[0]: "strongest", strengths[-1]: "weakest"}
    return {
        "path": [{"strength": strength, "rmse": error} for strength, error in chosen.path],
        "edge": edges.get(chosen.strength),
        "losses": {name: choice.error for name, choice in choices.items()},
        "reason": "lowest out-of-fold error",
    }
