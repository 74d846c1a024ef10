"""DFR, deep feature reweighting: the last layer alone, solved again on balanced draws of rows the features never saw.

Kirichenko, Izmailov & Wilson, ICLR 2023, arXiv:2204.02937: networks that follow a shortcut have learned the other
features too, and a last layer from balanced data uses them. As there, draws of equal cells are averaged (10), features
are standardised by the whole part, and the L1 strength is chosen by the worst group; here by its log-loss on folds
instead of by accuracy on one half, which fewer rows can tell. Features of a frozen network saw none of the rows, so
all of them are the part, unless ``Grouped.fresh`` says otherwise. Where every model that says anything is worse for the
worst cell than one that says nothing, the mean over cells chooses. Strength s mixes the plain model's weights (1 - s)
with these.

It needs cells of many rows: with ten to thirty of each and a thousand features it loses to reweighting and group DRO,
which keep the other rows (benchmarks/results/mitigations.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import Floats, Solution, SolveMethod, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import check_inputs
from headstart.methods.training_parts import training_parts
from headstart.mitigation.averaging import linear_fitted
from headstart.mitigation.balanced_subsampling import draw
from headstart.mitigation.cells import By, Cells, cells_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.held_out import mean_held_out_loss, worst_held_out_loss
from headstart.mitigation.sparse_logistic import solve_l1
from headstart.mitigation.standard import standard

CLASS_KINDS = frozenset({"class", "ordinal"})
RISEN = 1.1  # times the lowest loss: weaker penalties are not tried beyond
Model = tuple[Floats, Floats]  # weights (K, D) and intercepts (K,)


class DFRConfig(Config):
    """Draws and the L1 penalty are the paper's, the path of strengths is ours."""

    strength: float = Field(1.0, ge=0, le=1, description="Share of this model against the plain one, in their weights.")
    penalty: Literal["l1", "l2"] = Field("l1", description="On the weights of standardised features.")
    strengths: tuple[float, ...] = Field(
        (0.3, 0.1, 0.03, 0.01, 0.003), min_length=1, description="Of the penalty per row, from strong to weak."
    )
    draws: int = Field(10, ge=1, description="Balanced draws whose models are averaged.")
    least: int = Field(5, ge=1, description="Smaller cells are kept whole and do not make the others any smaller.")
    least_spread: float = Field(0.1, ge=0, description="As the linear probe's.")
    cells: By = Field("auto", description="What is balanced: groups, or each group's examples of each class.")


@dataclass
class _Draw:
    """One balanced draw, and the model of the last strength that it was solved at.

    Attributes:
        rows: ``(n,)`` positions.
        x: ``(n, D)`` their features, standardised.
        targets: Of these rows.
        weights: ``(n,)``.
        penalty: See the config.
        model: For standardised features.
    """

    rows: NDArray[np.int64]
    x: Floats
    targets: Targets
    weights: Floats
    penalty: str
    model: Model | None = field(default=None)

    def solve(self, strength: float) -> Model:
        """At a strength that is weaker than the last one; for standardised features."""
        if self.penalty == "l1":
            start = self.model
            self.model = solve_l1(self.x, self.targets.values, self.targets.width, self.weights, strength, start)
            return self.model
        from headstart.methods.fixed_penalty import solve_at_penalty

        total = float(self.weights.sum())
        weight, bias = solve_at_penalty(self.x, self.targets, self.weights[None], strength * total, 0.0, 1e-6)
        return weight[0], bias[0]


@dataclass(frozen=True)
class _Part:
    """The rows that one model learns from: all of them, or those of all folds but one.

    Attributes:
        mean, inverse: ``(D,)`` of their features.
        draws: Balanced ones.
    """

    mean: Floats
    inverse: Floats
    draws: tuple[_Draw, ...]

    def solve(self, strength: float) -> Model:
        """The mean of the draws' models, for raw features."""
        found = [one.solve(strength) for one in self.draws]
        weight = np.mean([each[0] for each in found], axis=0) * self.inverse
        return weight, np.mean([each[1] for each in found], axis=0) - weight @ self.mean


class _Tried(NamedTuple):
    """A strength: held-out log-loss of the worst cell and of the mean cell, the model, outputs ``(N, K)``."""

    worst: float
    mean: float
    model: Model
    outputs: Floats


class DFR:
    """The mean of linear models of balanced draws."""

    def __init__(self, config: DFRConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; mixes with the plain solution of a linear probe."""
        own = check_inputs(given.features, given.targets, given.folds, given.weights, kinds=CLASS_KINDS)
        plain = method.fit(given.features, given.targets, given.folds, rng, given.weights)
        if plain.fitted.spec.get("form") != "linear":
            raise ConfigError(
                f"dfr changes a linear probe; got {plain.fitted.spec.get('method')!r}. Use the linear probe, or "
                "reweighting, which takes any method."
            )
        cells = cells_of(given, self.config.cells)
        fresh = own if given.fresh is None else own * given.fresh
        if not (fresh * (cells.code >= 0)).any():
            raise DataError("dfr needs rows of known groups that the features were not trained on; there are none.")
        (weight, bias), outputs, told = self._search(given, cells, fresh, rng)
        s, arrays = self.config.strength, plain.fitted.arrays
        mixed = linear_fitted(s * weight + (1 - s) * arrays["weight"], s * bias + (1 - s) * arrays["bias"])
        return Solution(mixed, s * outputs + (1 - s) * plain.out_of_fold, {**plain.report, "mitigation": told})

    def _search(
        self, given: Grouped, cells: Cells, fresh: Floats, rng: np.random.Generator
    ) -> tuple[Model, Floats, dict[str, Any]]:
        """The model of all rows, held-out outputs ``(N, K)`` and what was tried, at the best strength."""
        fold_of_row, training = training_parts(given.folds, fresh)
        parts = [self._part(given, cells, weights, rng) for weights in training]
        tried: list[_Tried] = []
        for strength in self.config.strengths:
            models = [part.solve(strength) for part in parts]
            outputs = _held_out(given.features, models, fold_of_row)
            tried.append(
                _Tried(
                    worst_held_out_loss(given.targets, cells, outputs, fresh),
                    mean_held_out_loss(given.targets, cells, outputs, fresh),
                    models[0],
                    outputs,
                )
            )
            losses = _deciding(tried)
            if losses[-1] > RISEN * min(losses):
                break
        best = int(np.argmin(losses))
        _, _, model, outputs = tried[best]
        path = [
            {"strength": strength, "worst_log_loss": each.worst if np.isfinite(each.worst) else None}
            for strength, each in zip(self.config.strengths, tried, strict=False)
        ]
        settings = {**self.config.model_dump(), "strengths": list(self.config.strengths)}
        told = {"name": "dfr", **settings, "path": path, "chosen": self.config.strengths[best]}
        return model, outputs, {**told, "rows": len(parts[0].draws[0].rows)}

    def _part(self, given: Grouped, cells: Cells, weights: Floats, rng: np.random.Generator) -> _Part:
        mean, inverse = standard(given.features, weights, self.config.least_spread)
        draws = []
        for _ in range(self.config.draws):
            rows = np.flatnonzero(draw(cells, weights, 1.0, self.config.least, rng))
            x = ((given.features[rows] - mean) * inverse).astype(np.float32)  # half the memory of all draws
            draws.append(_Draw(rows, x, given.targets.take(rows), weights[rows], self.config.penalty))
        return _Part(mean, inverse, tuple(draws))


def _deciding(tried: list[_Tried]) -> list[float]:
    """Losses of the worst cell; of the mean cell where what is best for the worst has no weight on anything."""
    worst = [each.worst for each in tried]
    says_something = tried[int(np.argmin(worst))].model[0].any()
    return worst if says_something else [each.mean for each in tried]


def _held_out(features: Floats, models: list[Model], fold_of_row: NDArray[np.int64]) -> Floats:
    """``(N, K)`` each row's outputs from the fold that held it out, by ``(N, D)`` features; NaN where none did."""
    outputs = np.full((len(features), len(models[0][1])), np.nan)
    for fold, (weight, bias) in enumerate(models[1:]):
        rows = np.flatnonzero(fold_of_row == fold)
        outputs[rows] = np.asarray(features[rows], dtype=np.float64) @ weight.T + bias
    return outputs


PLUGIN = Plugin(
    build=DFR,
    config=DFRConfig,
    paper="arXiv:2204.02937",
    targets=CLASS_KINDS,
    title="Deep feature reweighting",
)
