"""Shapley values: each unit's fair share of the difference between the answer and that with nothing known.

Sampled over random orders, each read forwards and backwards (Castro, Gomez & Tejada, Computers & OR 2009,
doi:10.1016/j.cor.2008.04.004; Strumbelj & Kononenko, JMLR 11, 2010): a unit's share is what it adds to the margin
when it joins those before it. The shares add up exactly, whatever the number of orders. Where units add up in the model
(columns under a linear head) one order is exact; boosted trees are not additive, so there the shares are means.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.explanation.checks.curves import first
from headstart.explanation.question import Attribution, Question


class ShapleyConfig(Config):
    """Defaults are ours."""

    orders: int = Field(16, ge=1, description="Random orders, each read in both directions.")
    seed: int = Field(0, ge=0, description="Of the orders.")


class Shapley:
    """See ``explanation.question.Explainer``."""

    def __init__(self, config: ShapleyConfig) -> None:
        self.config = config

    def explain(self, question: Question) -> Attribution:
        """Means over orders."""
        shape = question.units.shape
        count = int(np.prod(shape))
        rng = np.random.default_rng(self.config.seed)
        drawn = [rng.permutation(count) for _ in range(self.config.orders)]
        orders = [order for each in drawn for order in (each, each[::-1])]
        kept = np.concatenate([first(order, np.arange(count + 1)) for order in orders])
        margins = question.model.margins(question.units, kept.reshape(-1, *shape)).reshape(len(orders), count + 1)
        shares = np.zeros(count)
        for order, line in zip(orders, margins, strict=True):
            shares[order] += np.diff(line) / len(orders)
        return Attribution(shares.reshape(shape), f"{len(kept):,} evaluations of the model, {len(orders)} orders", 0.0)


PLUGIN = Plugin(
    build=Shapley, config=ShapleyConfig, paper="doi:10.1016/j.cor.2008.04.004", title="Shapley values by sampled orders"
)
