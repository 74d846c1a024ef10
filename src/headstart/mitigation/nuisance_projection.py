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

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.learning import Floats, Solution, SolveMethod, Targets
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.training_parts import training_parts
from headstart.mitigation.averaging import linear_fitted
from headstart.mitigation.cells import Cells, cells_of
from headstart.mitigation.grouped import Grouped
from headstart.mitigation.held_out import mean_held_out_loss
from headstart.mitigation.standard import standard

DROPPED = float("inf")
Model = tuple[Floats, Floats]  # weights (W, D) and intercepts (W,)


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
    tolerance: float = Field(1e-4, gt=0, description="Of each convex problem, in nats per row.")


@dataclass(frozen=True)
class Directions:
    """Where groups of one class differ.

    Attributes:
        basis: ``(D, r)`` orthonormal columns, for standardised features.
        sizes: ``(r,)`` eigenvalues of D S / tr S.
    """

    basis: Floats
    sizes: Floats

    def shrunk(self, values: Floats, shrinkage: float) -> Floats:
        """``(..., D)`` values along these directions times ``(1 + shrinkage * size) ** -0.5``; others as they are."""
        taken = 1 - (1 + shrinkage * self.sizes) ** -0.5 if np.isfinite(shrinkage) else np.ones(len(self.sizes))
        return np.asarray(values - (values @ self.basis * taken) @ self.basis.T)


def directions_of(features: Floats, cells: Cells, weights: Floats) -> Directions:
    """Directions in which groups of one class differ.

    Args:
        features: ``(N, D)``, standardised.
        cells: Each group's examples of each class.
        weights: ``(N,)``; rows that weigh nothing are not looked at.
    """
    sizes = cells.sizes(weights)
    there = np.flatnonzero(sizes > 0)
    member = (cells.code[:, None] == there) * weights[:, None]  # (N, C)
    means = member.T @ features / sizes[there][:, None]
    classes, number = np.unique(cells.target[there], return_inverse=True)
    off = np.zeros_like(means)
    for each in range(len(classes)):
        rows = number == each
        off[rows] = (means[rows] - means[rows].mean(axis=0)) / np.sqrt(rows.sum() * len(classes))
    _, singular, basis = np.linalg.svd(off, full_matrices=False)
    kept = singular > 1e-6 * max(float(singular.max(initial=0.0)), 1e-12)
    varying = int((np.abs(features).max(axis=0) > 0).sum())
    squares = singular[kept] ** 2
    return Directions(basis[kept].T, varying * squares / squares.sum() if kept.any() else squares)


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

        with torch_threads(1):
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
        parts = [_Part.of(given, cells, weights, self.config) for weights in training]
        best: tuple[float, Floats, float, float] | None = None
        path = []
        for shrinkage in self.config.shrinkages:
            for multiple in self.config.penalties:
                outputs = np.full((len(given.targets), given.targets.width), np.nan)
                for fold, part in enumerate(parts[1:]):
                    weight, bias = part.solve(shrinkage, multiple * penalty)
                    rows = np.flatnonzero(fold_of_row == fold)
                    outputs[rows] = given.features[rows] @ weight.T + bias
                loss = mean_held_out_loss(given.targets, groups, outputs, own)
                known = loss if np.isfinite(loss) else None
                path.append({"shrinkage": _json(shrinkage), "multiple": multiple, "mean_loss": known})
                if best is None or loss < best[0]:
                    best = (loss, outputs, shrinkage, multiple)
        assert best is not None  # noqa: S101 - neither grid is empty
        _, outputs, shrinkage, multiple = best
        model = parts[0].solve(shrinkage, multiple * penalty)
        told = {**self._told(path), "chosen": {"shrinkage": _json(shrinkage), "multiple": multiple}}
        return model, outputs, {**told, "directions": len(parts[0].directions.sizes), "penalty": multiple * penalty}

    def _told(self, path: list[dict[str, Any]]) -> dict[str, Any]:
        shrinkages = [_json(each) for each in self.config.shrinkages]
        settings = {**self.config.model_dump(), "shrinkages": shrinkages, "penalties": list(self.config.penalties)}
        return {"name": "nuisance_projection", **settings, "path": path}


@dataclass(frozen=True)
class _Part:
    """The rows that one model learns from: all of them, or those of all folds but one.

    Attributes:
        x: ``(n, D)`` their features, standardised.
        mean, inverse: ``(D,)`` of them.
    """

    x: Floats
    targets: Targets
    weights: Floats
    mean: Floats
    inverse: Floats
    directions: Directions
    tolerance: float

    @classmethod
    def of(cls, given: Grouped, cells: Cells, weights: Floats, config: NuisanceProjectionConfig) -> _Part:
        mean, inverse = standard(given.features, weights, config.least_spread)
        rows: NDArray[np.int64] = np.flatnonzero(weights)
        x = (np.asarray(given.features)[rows] - mean) * inverse
        there = replace(cells, code=cells.code[rows])
        found = directions_of(x, there, weights[rows])
        return cls(x, given.targets.take(rows), weights[rows], mean, inverse, found, config.tolerance)

    def solve(self, shrinkage: float, penalty: float) -> Model:
        """For raw features."""
        from headstart.methods.fixed_penalty import solve_at_penalty

        x = self.directions.shrunk(self.x, shrinkage).astype(np.float32)
        # The solver divides each feature by its spread, or by `least` medians of all spreads where that is more. To
        # standardise anew would undo the shrinking, so all are divided by the largest spread, and the penalty follows.
        spread = np.sqrt(np.average((x - np.average(x, axis=0, weights=self.weights)) ** 2, 0, self.weights))
        largest, some = float(spread.max()), spread[spread > 0]
        least = 1.01 * largest / float(np.median(some)) if len(some) else 1.0
        unit = least * float(np.median(some)) if len(some) else 1.0
        weight, bias = solve_at_penalty(x, self.targets, self.weights[None], penalty / unit**2, least, self.tolerance)
        weight = self.directions.shrunk(weight[0], shrinkage) * self.inverse
        return weight, bias[0] - weight @ self.mean


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
