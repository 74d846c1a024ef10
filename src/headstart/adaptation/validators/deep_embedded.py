r"""Importance weights in the space where this head decides, with a control variate that takes most of their noise away.

Deep embedded validation (You, Wang, Long & Jordan, ICML 2019, https://proceedings.mlr.press/v97/you19a.html): the ratio
of densities is taken where the adapted model sees the rows, here in its K log-probabilities. The mean of the weights w
is known to be 1, so that

.. math:: R = \operatorname{mean}(w \ell) + \eta \operatorname{mean}(w) - \eta,
   \qquad \eta = -\operatorname{Cov}(w \ell, w) / \operatorname{Var}(w)

has the same expectation as the first term and less variance; :math:`\ell` is 1 where the head is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.adaptation.contract import View
from headstart.adaptation.density import density_odds
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import log_softmax

SUREST = -12.0  # log-probabilities below say nothing more
FEWEST = 2  # rows of either domain that a ratio can be learned from


class DeepEmbedded:
    """By the ratio of the densities of the outputs."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN with fewer than two rows of either domain."""
        if min(len(view.held), len(view.outputs)) < FEWEST:
            return float("nan")
        held, target = (np.maximum(log_softmax(each), SUREST) for each in (view.shifted, view.outputs))
        weights = density_odds(held, target, held)
        wrong = held.argmax(axis=1) != view.held.targets.values
        return 1 - min(max(controlled_risk(weights, wrong), 0.0), 1.0)


def controlled_risk(weights: Floats, losses: NDArray[Any]) -> float:
    """The formula above for weights and losses ``(h,)``; without variance of the weights their mean loss.

    >>> controlled_risk(np.array([1.0, 3.0]), np.array([0.0, 1.0]))  # 3/2 + eta, where eta = -(3/2) / 1
    0.0
    """
    w, weighted = np.asarray(weights, np.float64), np.asarray(weights, np.float64) * losses
    variance = float(w.var())
    eta = -float(((w - w.mean()) * (weighted - weighted.mean())).mean()) / variance if variance > 1e-12 else 0.0
    return float(weighted.mean() + eta * w.mean() - eta)


PLUGIN = Plugin(
    build=DeepEmbedded,
    kind="accuracy",
    paper="https://proceedings.mlr.press/v97/you19a.html",
    title="Deep embedded validation",
)
