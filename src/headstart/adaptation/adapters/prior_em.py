"""Outputs corrected for other shares of the classes, which expectation maximisation finds in the outputs themselves.

Saerens, Latinne & Decaestecker, Neural Computation 14(1), 2002: assumes that what a class looks like has not changed.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import softmax

STEPS, CLOSE = 1000, 1e-6


class PriorEM:
    """Keeps the head, shifts its outputs."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        held = domains.held_out_targets
        before = (np.bincount(held.values, minlength=held.width) + 1.0) / (len(held) + held.width)
        after = shares_by_em(softmax(domains.start), before)
        return Adapted(None, shift=np.log(after / before), report={"shares": after.round(4).tolist()})


def shares_by_em(probabilities: Floats, before: Floats) -> Floats:
    """``(K,)`` shares of the classes among ``(m, K)`` examples whose probabilities hold for the shares ``before``.

    One example counts as spread evenly over the classes, so that no share ends at 0.

    >>> shares_by_em(np.array([[0.9, 0.1]] * 98), np.array([0.5, 0.5])).round(2).tolist()
    [0.99, 0.01]
    """
    given, after = np.asarray(probabilities, np.float64), np.array(before, np.float64)
    m, k = given.shape
    for _ in range(STEPS):
        raised = given * (after / before)
        raised /= raised.sum(axis=1, keepdims=True)
        found = (raised.sum(axis=0) + 1.0 / k) / (m + 1.0)
        if np.abs(found - after).max() < CLOSE:
            return np.asarray(found)
        after = found
    return np.asarray(after)


PLUGIN = Plugin(
    build=PriorEM, paper="doi:10.1162/089976602753284446", needs=frozenset({SOURCE}), title="Class shares by EM"
)
