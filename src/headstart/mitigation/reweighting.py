r"""Reweighting: rows of rare cells weigh more, so that every cell, or every group within a class, counts alike.

Kamiran & Calders, Knowledge and Information Systems 2012, doi:10.1007/s10115-011-0463-8, weigh a row of group g and
class y by :math:`P(g) P(y) / P(g, y)`, after which group and class are independent. Inverse frequency,
:math:`1 / P(g, y)`, makes all cells count alike besides, which is what a worst group asks for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats, Solution, SolveMethod
from headstart.core.plugins import Plugin
from headstart.methods.inputs import ALL_KINDS
from headstart.mitigation.cells import By, Cells, cells_of
from headstart.mitigation.grouped import Grouped


class ReweightingConfig(Config):
    """Defaults are those of a worst group: all cells count alike."""

    strength: float = Field(1.0, ge=0, le=1, description="Power of the weights: 0 leaves all rows as they are.")
    towards: Literal["equal", "independent"] = Field(
        "equal", description="equal: every cell counts alike; independent: groups have the same shares of classes."
    )
    cells: By = Field("auto", description="What counts alike: groups, or each group's examples of each class.")


def equal_weights(cells: Cells, weights: Floats) -> Floats:
    """``(N,)`` factors that give each cell the same weight, mean 1 over the rows of known cells; 1 elsewhere.

    >>> cells = Cells(np.array([0, 0, 0, 1]), np.array([0, 1]), np.array([0, 0]))
    >>> equal_weights(cells, np.ones(4)).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    sizes = cells.sizes(weights)
    return _of_cells(cells, np.where(sizes > 0, sizes.sum() / max(int((sizes > 0).sum()), 1) / _above_0(sizes), 1.0))


def independent_weights(cells: Cells, weights: Floats) -> Floats:
    """``(N,)`` factors ``P(g) P(y) / P(g, y)``; 1 where the group is unknown.

    >>> cells = Cells(np.array([0, 0, 0, 1, 2, 3]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> independent_weights(cells, np.ones(6)).round(2).tolist()
    [0.89, 0.89, 0.89, 1.33, 1.33, 0.67]
    """
    sizes = cells.sizes(weights)
    of_group = np.bincount(cells.group, weights=sizes)[cells.group]
    of_class = np.bincount(cells.target, weights=sizes)[cells.target]
    return _of_cells(cells, of_group * of_class / _above_0(sizes) / sizes.sum())


def _above_0(sizes: Floats) -> Floats:
    return np.where(sizes > 0, sizes, 1.0)


def _of_cells(cells: Cells, factors: Floats) -> Floats:
    return np.where(cells.code >= 0, factors[cells.code], 1.0)


class Reweighting:
    """The plain method on weighted rows."""

    def __init__(self, config: ReweightingConfig) -> None:
        self.config = config

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """See ``grouped.Mitigation``; chance is the method's own."""
        own, cells = given.row_weights, cells_of(given, self.config.cells)
        of_cells = equal_weights if self.config.towards == "equal" else independent_weights
        factors = of_cells(cells, own) ** self.config.strength
        weights = (
            own * factors * (own.sum() / (own * factors).sum())
        )  # as much weight in all, or the penalty would move
        found = method.fit(given.features, given.targets, given.folds, rng, weights)
        report = {
            **found.report,
            "mitigation": {"name": "reweighting", **self.config.model_dump(), "cells_n": len(cells)},
        }
        return replace(found, report=report)


PLUGIN = Plugin(
    build=Reweighting,
    config=ReweightingConfig,
    paper="doi:10.1007/s10115-011-0463-8",
    targets=ALL_KINDS,
    title="Reweighting",
)
