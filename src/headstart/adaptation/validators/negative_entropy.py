"""How sure the head is: minus the mean entropy of its probabilities, as a share of that of a coin with K sides.

Entropy as a sign of a good head: Morerio, Cavazza & Murino, ICLR 2018, https://arxiv.org/abs/1711.10288. A head that is
sure of one class everywhere has the best value: it must not judge alone.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin


class NegativeEntropy:
    """Of the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between -1 and 0."""
        return -float(entropies(view.probabilities).mean())


def entropies(probabilities: Floats) -> Floats:
    """``(m,)`` of ``(m, K)``, as shares of log K; K is 2 or more.

    >>> entropies(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    p = np.asarray(probabilities, np.float64)
    return np.asarray(np.abs((p * np.log(np.maximum(p, 1e-300))).sum(axis=1)) / np.log(p.shape[1]))


PLUGIN = Plugin(build=NegativeEntropy, kind="score", paper="arXiv:1711.10288", title="Negative entropy")
