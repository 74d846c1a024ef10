r"""Group DRO on the last layer: the linear model whose worst cell loses least.

Sagawa, Koh, Hashimoto & Liang, ICLR 2020, arXiv:1911.08731, minimise :math:`\max_c L_c(w)`, the largest mean loss of a
cell, with a strong penalty: without one every cell's training loss goes to 0 and nothing is left to even out. With the
features fixed the problem is convex:

.. math:: \min_w \max_{q \in \Delta} \; (1 - s) L(w) + s \sum_c q_c L_c(w) + \tfrac{\alpha}{2N} \lVert w \rVert^2,

with the strength s between the plain mean loss and the worst cell's. Their exponentiated gradient moves q between two
steps of w; here w is solved to its optimum for each q (:math:`q_c \leftarrow q_c e^{\eta L_c}`), and a step that lowers
the dual value is taken back and halved. The largest loss minus the mean under q bounds the distance to the optimum, so
the search ends by that. Folds have a q of their own, from their training rows alone. The penalty is chosen among
multiples of the plain model's by the worst cell's log-loss on held-out rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.learning import Floats, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.methods.inputs import as_tensor, check_inputs
from headstart.methods.training_parts import training_parts
from headstart.mitigation.averaging import linear_fitted
from headstart.mitigation.cells import By, Cells, cells_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.held_out import worst_held_out_loss

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.methods.logistic_problems import Coefficients, Problems

CLASS_KINDS = frozenset({"class", "ordinal"})


class GroupDROConfig(Config):
    """Defaults are ours."""

    strength: float = Field(1.0, ge=0, le=1, description="0 minimises the mean loss, 1 that of the worst cell.")
    penalties: tuple[float, ...] = Field(
        (1.0, 10.0, 100.0),
        min_length=1,
        description="Multiples of the plain model's penalty to choose from.",
    )
    rounds: int = Field(20, ge=1, description="Most times that the cells' weights are moved.")
    step: float = Field(2.0, gt=0, description="Of the exponentiated gradient, per nat, to begin with.")
    tolerance: float = Field(0.01, gt=0, description="Nats from the optimum at which the search ends.")
    least_spread: float = Field(0.1, ge=0, description="As the linear probe's.")
    solver_tolerance: float = Field(1e-5, gt=0, description="Of each convex problem, in nats per row.")
    cells: By = Field("auto", description="What the worst is of: groups, or each group's examples of each class.")


@dataclass(frozen=True)
class Found:
    """The best of all rows, and of each fold.

    Attributes:
        weight: ``(1 + F, K, D)`` on raw features, all rows first.
        bias: ``(1 + F, K)``.
        logits: ``(1 + F, K, N)`` of all rows.
        worst: Largest mean training loss of a cell, all rows.
        gap: Bound of the distance to the optimum in nats, the largest of all problems.
        rounds: How many were needed.
        shares: ``(C,)`` the weights of the cells that the model of all rows answers to.
    """

    weight: Floats
    bias: Floats
    logits: Floats
    worst: float
    gap: float
    rounds: int
    shares: Floats


class GroupDRO:
    """A linear probe of the worst cell."""

    def __init__(self, config: GroupDROConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; takes the plain solution of a linear probe to begin from."""
        own = check_inputs(given.features, given.targets, given.folds, given.weights, kinds=CLASS_KINDS)
        plain = method.fit(given.features, given.targets, given.folds, rng, given.weights)
        if plain.fitted.spec.get("form") != "linear" or "penalty" not in plain.report:
            raise ConfigError(
                f"group_dro changes a linear probe; got {plain.fitted.spec.get('method')!r}. Use the linear probe, or "
                "reweighting, which takes any method."
            )
        if self.config.strength == 0:
            return replace(plain, report={**plain.report, "mitigation": self._told([])})
        from headstart.methods.threads import torch_threads

        cells = cells_of(given, self.config.cells)
        fold_of_row, training = training_parts(given.folds, own)
        tried: list[tuple[float, Found, Floats]] = []
        with torch_threads(1):
            problems = _problems(given, training, self.config.least_spread)
            for multiple in self.config.penalties:
                found = solve_worst(problems, training, cells, plain.report["penalty"] * multiple, self.config)
                outputs = _held_out(found.logits, fold_of_row)
                tried.append((worst_held_out_loss(given.targets, cells, outputs, own), found, outputs))
        best = int(np.argmin([loss for loss, _, _ in tried]))
        _, found, outputs = tried[best]
        path = [
            {"multiple": multiple, "worst_log_loss": loss if np.isfinite(loss) else None, "gap": one.gap}
            for multiple, (loss, one, _) in zip(self.config.penalties, tried, strict=True)
        ]
        penalty = plain.report["penalty"] * self.config.penalties[best]
        told = {**self._told(path), "rounds_needed": found.rounds, "shares": found.shares.round(6).tolist()}
        report = {"penalty": penalty, "mitigation": told}
        return Solution(linear_fitted(found.weight[0], found.bias[0]), outputs, report)

    def _told(self, path: list[dict[str, Any]]) -> dict[str, Any]:
        settings = self.config.model_dump()
        return {"name": "group_dro", **settings, "penalties": list(self.config.penalties), "path": path}


def _problems(given: Grouped, training: Floats, least_spread: float) -> Problems:
    import torch

    from headstart.methods.logistic_problems import Problems
    from headstart.methods.probe_logistic import logistic_targets

    right = logistic_targets(given.targets)
    return Problems.build(as_tensor(given.features), right, torch.from_numpy(training), least_spread)


def solve_worst(problems: Problems, training: Floats, cells: Cells, penalty: float, config: GroupDROConfig) -> Found:
    """Minimise the mixture of mean and worst cell under each weighting of the rows.

    Args:
        problems: Of all weightings; how they standardise features stays, whatever the cells come to weigh.
        training: ``(1 + F, N)`` weightings.
        cells: Of the N rows.
        penalty: As the linear probe reports it.
        config: Of the search.
    """
    import torch

    from headstart.methods.logistic_regression import solve

    search = _Search(training, cells, config)
    penalties = torch.full((len(problems),), penalty, dtype=torch.float64)
    start = problems.zeros()
    for _ in range(config.rounds):
        weights = torch.from_numpy(search.weights()).to(problems.weights)
        solved = solve(replace(problems, weights=weights), penalties, start, config.solver_tolerance)
        start = solved.coefficients
        losses = problems.targets.losses(solved.logits).double().numpy()
        norms = start.weight.double().square().sum((1, 2)).numpy()
        search.learn(losses, penalty / 2 * norms, start, solved.logits)
        if search.gap.max() <= config.tolerance:
            break
    weight, bias = problems.raw(search.best)
    return Found(
        weight.numpy(), bias.numpy(), search.logits.double().numpy(), float(search.worst[0]), float(search.gap.max()),
        search.rounds, search.best_q[0],
    )  # fmt: skip


class _Search:
    """Cell weights q ``(1 + F, C)`` on their way to the saddle, and the best model seen under each weighting."""

    best: Coefficients
    logits: Tensor

    def __init__(self, training: Floats, cells: Cells, config: GroupDROConfig) -> None:
        self.training, self.cells, self.strength = training, cells, config.strength
        self.sizes = np.stack([cells.sizes(weights) for weights in training])
        self.is_present = self.sizes > 0
        self.q = self.is_present / self.is_present.sum(axis=1, keepdims=True)
        self.total = training.sum(axis=1)
        self.step = np.full(len(training), config.step)
        self.dual = np.full(len(training), -np.inf)
        self.primal = np.full(len(training), np.inf)
        self.worst = np.full(len(training), np.inf)
        self.at, self.slope = self.q, np.zeros_like(self.q)  # where the dual was highest, and the losses there
        self.best_q = self.q
        self.rounds = 0

    @property
    def gap(self) -> Floats:
        """``(1 + F,)`` nats from the optimum at most."""
        return np.asarray(self.primal - self.dual)

    def weights(self) -> Floats:
        """``(1 + F, N)`` row weights for the present q, with the sum that the rows have without it."""
        per_row = self.q / np.where(self.is_present, self.sizes, 1.0) * self.total[:, None]
        known = self.cells.code >= 0
        of_cells = np.where(known, per_row[:, self.cells.code], 0.0)
        weights: Floats = self.training * ((1 - self.strength) + self.strength * of_cells)
        return weights

    def learn(self, losses: Floats, penalties: Floats, model: Coefficients, logits: Tensor) -> None:
        """Keep the model where it is the best so far, and move q towards the cells that lose most.

        Args:
            losses: ``(1 + F, N)``, of the optimum for the present q.
            penalties: ``(1 + F,)``, as in the summed objective.
            model: The optimum.
            logits: ``(1 + F, K, N)`` of it.
        """
        self.rounds += 1
        of_cells = np.stack(
            [self.cells.means(row, weights) for row, weights in zip(losses, self.training, strict=True)]
        )
        of_cells = np.where(self.is_present, of_cells, 0.0)
        worst = of_cells.max(axis=1)
        shared = (1 - self.strength) * (losses * self.training).sum(axis=1) / self.total + penalties / self.total
        self._keep(shared + self.strength * worst, worst, model, logits)
        dual = shared + self.strength * (self.q * of_cells).sum(axis=1)
        is_higher = dual > self.dual
        self.dual = np.where(is_higher, dual, self.dual)
        self.at = np.where(is_higher[:, None], self.q, self.at)
        self.slope = np.where(is_higher[:, None], of_cells, self.slope)
        self.step = np.where(is_higher, self.step, self.step / 2)
        rise = np.exp(self.step[:, None] * (self.slope - self.slope.max(axis=1, keepdims=True)))
        moved = self.at * rise
        self.q = moved / moved.sum(axis=1, keepdims=True)

    def _keep(self, primal: Floats, worst: Floats, model: Coefficients, logits: Tensor) -> None:
        import torch

        from headstart.methods.logistic_problems import Coefficients

        is_better = primal < self.primal
        if not np.isfinite(self.primal).any():
            self.best, self.logits = model, logits
        else:
            taken = torch.from_numpy(is_better)
            self.best = Coefficients(
                torch.where(taken[:, None, None], model.weight, self.best.weight),
                torch.where(taken[:, None], model.bias, self.best.bias),
            )
            self.logits = torch.where(taken[:, None, None], logits, self.logits)
        self.best_q = np.where(is_better[:, None], self.q, self.best_q)
        self.worst = np.where(is_better, worst, self.worst)
        self.primal = np.where(is_better, primal, self.primal)


def _held_out(logits: Floats, fold_of_row: Any) -> Floats:
    """``(N, K)`` each row's logits from the fold that held it out; NaN where none did."""
    outputs = np.full((logits.shape[2], logits.shape[1]), np.nan)
    rows = np.flatnonzero(fold_of_row >= 0)
    outputs[rows] = logits[1 + fold_of_row[rows], :, rows]
    return outputs


PLUGIN = Plugin(
    build=GroupDRO,
    config=GroupDROConfig,
    paper="arXiv:1911.08731",
    targets=CLASS_KINDS,
    title="Group DRO",
)
