"""Outputs corrected for other shares of the classes, which the confusions on held-out examples tell.

Black-box shift estimation: Lipton, Wang & Smola, ICML 2018, arXiv:1802.03916. Assumes that what a class looks like has
not changed; unlike ``prior_em`` it does not need calibrated probabilities, and with few rows it is less exact.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_rows
from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin
from headstart.evaluation.drift.label_shift import corrected_shares, why_not


class PriorBbse:
    """Keeps the head, shifts its outputs."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        held = domains.held_out_targets
        require_rows(len(domains.target), "target")
        confusion = np.zeros((held.width, held.width), np.int64)
        np.add.at(confusion, (domains.held_out.argmax(axis=1), held.values), 1)
        if reason := why_not(confusion):
            raise DataError(reason)
        before = smoothed(confusion.sum(axis=0))
        after = smoothed(shares_of(confusion, domains.start) * len(domains.target))
        return Adapted(None, shift=np.log(after / before), report={"shares": after.round(4).tolist()})


def shares_of(confusion: Ints, outputs: Floats) -> Floats:
    """``(K,)`` shares of the true classes among rows with these outputs ``(m, K)``."""
    return corrected_shares(confusion, np.bincount(outputs.argmax(axis=1), minlength=len(confusion)))


def smoothed(counts: Floats) -> Floats:
    """``(K,)`` shares with one row spread evenly over the classes, so that none is 0.

    >>> smoothed(np.array([3.0, 0.0])).tolist()
    [0.875, 0.125]
    """
    given = np.asarray(counts, np.float64)
    return np.asarray((given + 1.0 / len(given)) / (given.sum() + 1.0))


PLUGIN = Plugin(
    build=PriorBbse, paper="arXiv:1802.03916", needs=frozenset({SOURCE}), title="Class shares by confusions"
)
