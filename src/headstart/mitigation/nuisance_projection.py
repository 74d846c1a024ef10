r"""Nuisance projection: directions along which the groups of one class differ say less, or nothing.

Solomonoff, Campbell & Boardman, ICASSP 2005, doi:10.1109/ICASSP.2005.1415220 (nuisance attribute projection), remove
from a speaker model's features the directions in which sessions of one speaker differ; Hatch, Kajarekar & Stolcke,
Interspeech 2006, shrink them instead (within-class covariance normalisation). What groups of the same class differ by
says who an example is about and not what it is, and differs again in a group that nobody has seen. With the features
standardised and :math:`m_{gc}` the mean of group g and class c,

.. math:: S = \frac{1}{|C|} \sum_{c} \frac{1}{|G_c|} \sum_{g} (m_{gc} - m_c)(m_{gc} - m_c)^\top, \qquad
          x' = (I + \gamma D S / \operatorname{tr} S)^{-1/2} x,

the linear probe is solved on x' and written for x again; D is the number of features that vary. :math:`\gamma = \infty`
drops every direction of S. The strength :math:`\gamma` and the penalty are chosen by the mean over groups of the
log-loss (numbers: squared error) on held-out rows, S from the rows of the other folds alone: with a fold for each group
that is a group that S has not seen. Strength s mixes the plain model's weights (1 - s) with these.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.learning import Floats, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.training_parts import training_parts
from headstart.mitigation.averaging import linear_fitted
from headstart.mitigation.cells import cells_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.held_out import mean_held_out_loss
from headstart.mitigation.shrunk_part import Model, ShrunkPart

DROPPED = float("inf")


class NuisanceProjectionConfig(Config):
    """The grids are ours."""

    strength: float = Field(1.0, ge=0, le=1, description="Share of this model against the plain one, in their weights.")
    shrinkages: tuple[float, ...] = Field(
        (0.1, 1.0, 10.0, DROPPED), min_length=1, description="Gammas to choose from; infinity drops the directions."
    )
    penalties: tuple[float, ...] = Field(
        (1.0, 0.1), min_length=1, description="Multiples of the plain model's penalty to choose from."
    )
    least_spread: float = Field(0.1, ge=0, description="As the linear probe's.")
    tolerance: float = Field(1e-6, gt=0, description="Of each convex problem, in nats per row.")


class NuisanceProjection:
    """The linear probe on features that say less of the group."""

    def __init__(self, config: NuisanceProjectionConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; takes the plain solution of a linear probe to begin from."""
        own = check_inputs(given.features, given.targets, given.folds, given.weights, kinds=ALL_KINDS)
        plain = method.fit(given.features, given.targets, given.folds, rng, given.weights)
        if plain.fitted.spec.get("form") != "linear" or "penalty" not in plain.report:
            raise ConfigError(
                f"nuisance_projection changes a linear probe; got {plain.fitted.spec.get('method')!r}. Use the linear "
                "probe, or reweighting, which takes any method."
            )
        if self.config.strength == 0:
            return replace(plain, report={**plain.report, "mitigation": self._told([])})
        from headstart.methods.threads import torch_threads

        with one_blas_thread(), torch_threads(1):
            (weight, bias), outputs, told = self._search(given, own, float(plain.report["penalty"]))
        s, arrays = self.config.strength, plain.fitted.arrays
        mixed = linear_fitted(s * weight + (1 - s) * arrays["weight"], s * bias + (1 - s) * arrays["bias"])
        report = {**plain.report, "penalty": told.pop("penalty"), "mitigation": told}
        return Solution(mixed, s * outputs + (1 - s) * plain.out_of_fold, report)

    def _search(self, given: Grouped, own: Floats, penalty: float) -> tuple[Model, Floats, dict[str, Any]]:
        """The model of all rows, held-out outputs ``(N, W)`` and what was tried, at the best strength and penalty."""
        fold_of_row, training = training_parts(given.folds, own)
        by_class = given.targets.kind in ("class", "ordinal")
        cells = cells_of(given, "group_class" if by_class else "group")
        groups = cells_of(given, "group")
        penalties = [multiple * penalty for multiple in self.config.penalties]

        def part(weights: Floats) -> ShrunkPart:
            return ShrunkPart.of(
                given.features, given.targets, cells, weights, self.config.least_spread, self.config.tolerance
            )

        grid = [(each, number) for each in self.config.shrinkages for number in range(len(penalties))]
        outputs = {place: np.full((len(given.targets), given.targets.width), np.nan) for place in grid}
        for fold, weights in enumerate(training[1:]):
            rows = np.flatnonzero(fold_of_row == fold)
            for place, (weight, bias) in part(weights).path(self.config.shrinkages, penalties):
                outputs[place][rows] = given.features[rows] @ weight.T + bias
        losses = {place: mean_held_out_loss(given.targets, groups, outputs[place], own) for place in grid}
        path = [
            {
                "shrinkage": _json(each),
                "multiple": self.config.penalties[number],
                "mean_loss": losses[each, number] if np.isfinite(losses[each, number]) else None,
            }
            for each, number in grid
        ]
        best = min(grid, key=losses.__getitem__)
        shrinkage, chosen = best[0], penalties[best[1]]
        whole = part(training[0])
        ((_, model),) = whole.path([shrinkage], [chosen])
        told = {
            **self._told(path),
            "chosen": {"shrinkage": _json(shrinkage), "multiple": self.config.penalties[best[1]]},
        }
        return model, outputs[best], {**told, "directions": whole.directions, "penalty": chosen}

    def _told(self, path: list[dict[str, Any]]) -> dict[str, Any]:
        shrinkages = [_json(each) for each in self.config.shrinkages]
        settings = {**self.config.model_dump(), "shrinkages": shrinkages, "penalties": list(self.config.penalties)}
        return {"name": "nuisance_projection", **settings, "path": path}


def _json(value: float) -> float | str:
    return value if np.isfinite(value) else "infinite"


PLUGIN = Plugin(
    build=NuisanceProjection,
    config=NuisanceProjectionConfig,
    paper="doi:10.1109/ICASSP.2005.1415220",
    targets=ALL_KINDS,
    needs=frozenset({"domains"}),
    title="Nuisance projection",
)
