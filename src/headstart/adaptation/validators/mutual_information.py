"""Sure of single rows and undecided over all of them: the mutual information between a target row and its answer.

Information maximisation (Shi & Sha, ICML 2012, https://arxiv.org/abs/1206.6438): the entropy of the mean probabilities
minus the mean entropy. Prefers classes that come equally often; where they do not, another head than the best may have
more of it.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.adaptation.validators.negative_entropy import entropies
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class MutualInformation:
    """Of the target rows, as a share of log K."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1."""
        p = view.probabilities
        return float(entropies(p.mean(axis=0, keepdims=True))[0] - entropies(p).mean())


PLUGIN = Plugin(build=MutualInformation, kind="score", paper="arXiv:1206.6438", title="Mutual information")
