"""The linear probe of numbers: ridge regression over a path of strengths, and Huber's where it predicts better."""

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
    from headstart.methods.linear_probe import LinearProbeConfig

EFFICIENT = 1.345  # standard deviations at which Huber's loss keeps 95 % of the efficiency on normal residuals
MAD_OF_NORMAL = 0.6745  # median absolute deviation of a standard normal


@dataclass(frozen=True)
class _Choice:
    """The path under one loss: what each strength gives on held-out rows, and the best."""

    errors: list[float]
    best: int
    out_of_fold: Tensor


def solve_numbers(
    features: Floats, targets: Targets, folds: Ints, row_weights: Floats, config: LinearProbeConfig
) -> Solution:
    """Choose strength and loss on the folds and solve all rows with them."""
    from headstart.methods.threads import torch_threads

    with torch_threads(config.threads):
        return _solve(features, targets, folds, row_weights, config)


def _solve(features: Floats, targets: Targets, folds: Ints, row_weights: Floats, config: LinearProbeConfig) -> Solution:
    fold_of_row, training = training_parts(folds, row_weights)
    weightings = Weightings.build(as_tensor(features), torch.from_numpy(training), config.least_spread)
    varying = int((weightings.inverse > 0).sum())
    unit = float(max(1, varying))
    response = torch.tensor(targets.values, dtype=torch.float64)
    strengths = config.strengths()
    held_out = torch.from_numpy((fold_of_row >= 0) & (row_weights > 0))
    report: dict[str, Any] = {"features": {"varying": varying, "constant": features.shape[1] - varying}}
    loss, strength, delta = "squared", config.fallback, None
    out_of_fold = np.full((len(features), 1), np.nan)
    everything = Ridge(weightings.rows(0))
    if bool(held_out.any()):
        search = _Search(weightings, torch.from_numpy(fold_of_row), response, held_out, strengths, unit)
        choices = {"squared": search.choose(None)}
        residuals = (response - choices["squared"].out_of_fold)[held_out]
        delta = EFFICIENT * float(residuals.abs().median()) / MAD_OF_NORMAL
        if config.loss != "squared" and delta > 0:
            choices["huber"] = search.choose(delta)
        loss = min(choices, key=lambda name: choices[name].errors[choices[name].best])
        if config.loss in choices:
            loss = config.loss
        chosen = choices[loss]
        strength = strengths[chosen.best]
        out_of_fold[fold_of_row >= 0, 0] = chosen.out_of_fold[torch.from_numpy(fold_of_row >= 0)].numpy()
        report |= _told(choices, loss, strengths)
    else:
        if config.loss == "huber":
            weight, bias = everything.fit(response[:, None], torch.tensor([strength * unit], dtype=torch.float64))
            residuals = (response - weightings.rows(0).times(weight, bias)[:, 0])[everything.seen]
            delta = EFFICIENT * float(residuals.abs().median()) / MAD_OF_NORMAL
            loss = "huber" if delta > 0 else "squared"
        report |= {"path": [], "reason": "no row could be held out, so the strength is the configured fallback"}
    penalties = torch.tensor([strength * unit], dtype=torch.float64)
    if loss == "huber" and delta:
        weight, bias, _ = everything.fit_huber(response, penalties, delta)
    else:
        weight, bias = everything.fit(response[:, None], penalties)
    raw_weight, raw_bias = weightings.raw(0, weight[:, 0], bias[0])
    arrays = {"weight": raw_weight[None].float().numpy(), "bias": raw_bias[None].float().numpy()}
    report |= {"strength": strength, "penalty": strength * unit, "loss": loss}
    if loss == "huber":
        report["delta"] = delta
    return Solution(Fitted(arrays, {"method": "linear_probe", "form": "linear"}), out_of_fold, report)


class _Search:
    """Every strength on every fold, from one decomposition a fold."""

    def __init__(
        self,
        weightings: Weightings,
        fold_of_row: Tensor,
        response: Tensor,
        held_out: Tensor,
        strengths: list[float],
        unit: float,
    ) -> None:
        self.fold_of_row, self.response, self.held_out = fold_of_row, response, held_out
        self.penalties = torch.tensor(strengths, dtype=torch.float64) * unit
        self.folds = [Ridge(weightings.rows(index)) for index in range(1, len(weightings.weights))]
        self.weights = weightings.weights[0][held_out]

    def choose(self, delta: float | None) -> _Choice:
        """The strength of the lowest out-of-fold error, squared loss where ``delta`` is None, else Huber's."""
        outputs = torch.full((len(self.response), len(self.penalties)), torch.nan, dtype=torch.float64)
        for number, fold in enumerate(self.folds):
            if delta is None:
                weight, bias = fold.fit(self.response[:, None].expand(-1, len(self.penalties)), self.penalties)
            else:
                weight, bias, _ = fold.fit_huber(self.response, self.penalties, delta)
            rows = self.fold_of_row == number
            outputs[rows] = fold.rows.times(weight, bias)[rows]
        squares = (outputs - self.response[:, None])[self.held_out].square()
        errors = ((self.weights @ squares) / self.weights.sum()).sqrt()
        best = int(errors.argmin())
        return _Choice(errors.tolist(), best, outputs[:, best])


def _told(choices: dict[str, _Choice], loss: str, strengths: list[float]) -> dict[str, Any]:
    chosen = choices[loss]
    path = [{"strength": strength, "rmse": error} for strength, error in zip(strengths, chosen.errors, strict=True)]
    return {
        "path": path,
        "edge": {0: "strongest", len(strengths) - 1: "weakest"}.get(chosen.best),
        "losses": {name: choice.errors[choice.best] for name, choice in choices.items()},
        "reason": "lowest out-of-fold error",
    }
