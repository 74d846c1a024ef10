"""Balanced subsampling: as many rows of each cell as the smallest has, several times over, and the mean model.

Idrissi, Arjovsky, Pezeshki & Lopez-Paz, CLeaR 2022, arXiv:2110.14503, found one balanced subsample to be as good for
the worst group as anything; averaging over draws takes back the chance in what was left out. Rows that are not drawn
weigh 0, so folds stay what they are, and rows that a draw leaves out are predicted by it as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS
from headstart.mitigation.averaging import mean_of
from headstart.mitigation.cells import By, Cells, cells_of
from headstart.mitigation.grouped import Grouped


class BalancedSubsamplingConfig(Config):
    """Defaults are ours, save the balance itself."""

    strength: float = Field(
        1.0, ge=0, le=1, description="0 keeps all rows, 1 as many of each cell as the smallest has."
    )
    draws: int = Field(5, ge=1, description="Subsamples whose models are averaged.")
    least: int = Field(5, ge=1, description="Smaller cells are kept whole and do not make the others any smaller.")
    cells: By = Field("auto", description="What is balanced: groups, or each group's examples of each class.")


def kept_sizes(sizes: NDArray[np.int64], strength: float, least: int) -> NDArray[np.int64]:
    """``(C,)`` rows to keep of cells of ``sizes`` ``(C,)``: between all (0) and those of the smallest cell (1).

    >>> kept_sizes(np.array([1000, 40, 10, 2]), 1.0, 5).tolist(), kept_sizes(np.array([1000, 40, 10]), 0.5, 5).tolist()
    ([10, 10, 10, 2], [100, 20, 10])
    """
    counted = sizes[sizes >= least] if (sizes >= least).any() else sizes[sizes > 0]
    wanted = sizes * (counted.min() / np.maximum(sizes, 1)) ** strength
    return np.asarray(np.minimum(sizes, np.rint(wanted)), dtype=np.int64)


def draw(cells: Cells, weights: Floats, strength: float, least: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """``(N,)`` which rows are kept; of rows that weigh 0, and of unknown groups, none.

    Args:
        cells: Of the N rows.
        weights: ``(N,)``.
        strength: See :func:`kept_sizes`.
        least: Likewise.
        rng: Decides which rows.
    """
    usable = np.flatnonzero((cells.code >= 0) & (weights > 0))
    sizes = np.bincount(cells.code[usable], minlength=len(cells))
    kept = np.zeros(len(cells.code), dtype=bool)
    order = rng.permutation(usable)
    for cell, count in enumerate(kept_sizes(sizes, strength, least)):
        kept[order[cells.code[order] == cell][:count]] = True
    return kept


class BalancedSubsampling:
    """The plain method on several balanced draws."""

    def __init__(self, config: BalancedSubsamplingConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; only linear models can be averaged."""
        config, own = self.config, given.row_weights
        cells = cells_of(given, config.cells)
        draws = 1 if config.strength == 0 else config.draws
        solutions, kept = [], []
        for _ in range(draws):
            rows = draw(cells, own, config.strength, config.least, rng) if config.strength else own > 0
            kept.append(int(rows.sum()))
            solutions.append(method.fit(given.features, given.targets, given.folds, rng, own * rows))
        fitted, outputs = mean_of(solutions)
        told: dict[str, Any] = {"name": "balanced_subsampling", **config.model_dump(), "rows": kept[0]}
        strengths = [solution.report.get("strength") for solution in solutions]
        return Solution(fitted, outputs, {**solutions[0].report, "mitigation": {**told, "penalties": strengths}})


PLUGIN = Plugin(
    build=BalancedSubsampling,
    config=BalancedSubsamplingConfig,
    paper="arXiv:2110.14503",
    targets=ALL_KINDS,
    title="Balanced subsampling",
)
