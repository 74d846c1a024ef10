r"""Budgeted DRO: as much of the group DRO model as everyone can pay for, mixed into the plain model's weights.

Group DRO (``group_dro``) goes all the way to the worst cell, and its own strength moves far at once: between the mean
loss and the worst cell's loss the optimum jumps. A weighted mean of two linear models moves evenly, and the first steps
cost least: rows that both models are sure of do not change. Wortsman et al., CVPR 2022, arXiv:2109.01903,
mix a fine-tuned network's weights into the original's for the same reason; of linear models that is the mean of their
outputs. The share is the one with the smallest log-loss of the worst cell on held-out rows among those whose held-out
accuracy falls by no more than ``most_cost`` times the strength.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.mitigation.averaging import linear_fitted
from headstart.mitigation.cells import By, cells_of
from headstart.mitigation.group_dro import CLASS_KINDS, GroupDRO, GroupDROConfig
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.held_out import worst_held_out_loss

NAME = "budgeted_dro"


class BudgetedDROConfig(Config):
    """Defaults are ours."""

    strength: float = Field(1.0, ge=0, le=1, description="Share of most_cost that may be spent; 0 changes nothing.")
    most_cost: float = Field(0.02, ge=0, le=1, description="Held-out accuracy that may be lost, a fraction.")
    shares: int = Field(20, ge=1, description="Steps from the plain model to that of group DRO.")
    cells: By = Field("auto", description="What the worst is of: groups, or each group's examples of each class.")


def affordable(outputs: Floats, plain: Floats, truth: Any, weights: Floats, most_cost: float) -> bool:
    """Whether the weighted accuracy of ``(n, K)`` outputs is at most ``most_cost`` below the plain model's.

    >>> plain, other = np.eye(2)[[0, 1, 1, 0]], np.eye(2)[[0, 1, 0, 0]]
    >>> affordable(other, plain, np.array([0, 1, 1, 0]), np.ones(4), 0.25)
    True
    """
    before, after = (np.average(each.argmax(axis=1) == truth, weights=weights) for each in (plain, outputs))
    return bool(before - after <= most_cost + 1e-12)


class BudgetedDRO:
    """The plain linear model, moved towards that of group DRO."""

    def __init__(self, config: BudgetedDROConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; takes the plain solution of a linear probe to begin from."""
        config = self.config
        whole = GroupDRO(GroupDROConfig(cells=config.cells, strength=float(config.strength > 0))).fit(
            given, method, rng
        )
        plain = method.fit(given.features, given.targets, given.folds, rng, given.weights)
        told: dict[str, Any] = {"name": NAME, **config.model_dump()}
        if config.strength == 0:
            return replace(plain, report={**plain.report, "mitigation": {**told, "share": 0.0}})
        share, path = self._share(given, plain.out_of_fold, whole.out_of_fold)
        mixed = {
            name: (1 - share) * plain.fitted.arrays[name] + share * whole.fitted.arrays[name]
            for name in ("weight", "bias")
        }
        outputs = (1 - share) * plain.out_of_fold + share * whole.out_of_fold
        report = {**whole.report, "mitigation": {**told, "share": share, "path": path}}
        return Solution(linear_fitted(mixed["weight"], mixed["bias"]), outputs, report)

    def _share(self, given: Grouped, plain: Floats, whole: Floats) -> tuple[float, list[dict[str, Any]]]:
        """The best affordable share, and the worst cell's log-loss at each."""
        config, own, cells = self.config, given.row_weights, cells_of(given, self.config.cells)
        known = np.isfinite(plain).all(axis=1) & np.isfinite(whole).all(axis=1) & (own > 0)
        if not known.any():
            return 1.0, []
        truth, budget = given.targets.values[known], config.most_cost * config.strength
        path = []
        for share in np.linspace(0, 1, config.shares + 1).round(6).tolist():
            outputs = (1 - share) * plain + share * whole
            if affordable(outputs[known], plain[known], truth, own[known], budget):
                loss = worst_held_out_loss(given.targets, cells, outputs, own)
                path.append({"share": share, "worst_log_loss": loss if np.isfinite(loss) else None})
        losses = [each["worst_log_loss"] for each in path if each["worst_log_loss"] is not None]
        best = next((each for each in path if losses and each["worst_log_loss"] == min(losses)), path[0])
        return float(best["share"]), path


PLUGIN = Plugin(
    build=BudgetedDRO,
    config=BudgetedDROConfig,
    paper="arXiv:1911.08731",
    targets=CLASS_KINDS,
    title="Group DRO within a budget",
)
