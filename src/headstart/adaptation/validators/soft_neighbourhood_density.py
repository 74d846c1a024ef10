r"""How many other target rows each row shares its answer with.

Soft neighbourhood density (Saito and others, ICCV 2021, https://arxiv.org/abs/2108.10860): among the probabilities of
the target rows, scaled to length 1, each row spreads over the others as :math:`\exp(\cos / 0.05)` does; the mean
entropy of that spread is high where rows lie in dense groups. Divided by its largest value, so that it does not
depend on m. A head that calls everything one class is the densest of all: it must not judge alone.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin

TEMPERATURE = 0.05
FEWEST = 3  # with two rows each has one neighbour, and there is no spread


class SoftNeighbourhoodDensity:
    """Of the answers."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN with fewer than three target rows."""
        probabilities = view.probabilities[view.space.rows]
        return neighbourhood_entropy(probabilities) if len(probabilities) >= FEWEST else float("nan")


def neighbourhood_entropy(probabilities: Floats) -> float:
    """Of ``(m, K)`` probabilities, m 3 or more; a share of log(m - 1).

    >>> round(neighbourhood_entropy(np.array([[1.0, 0.0]] * 3)), 6)
    1.0
    """
    p = np.asarray(probabilities, np.float32)
    p = p / np.linalg.norm(p, axis=1, keepdims=True)
    near = (p @ p.T - 1) / np.float32(TEMPERATURE)  # -20 to 0: nothing over- or underflows
    weight = np.exp(near)
    np.fill_diagonal(weight, 0.0)
    total = weight.sum(axis=1, dtype=np.float64)
    entropy = np.log(total) - np.einsum("ij,ij->i", weight, near).astype(np.float64) / total
    return float(np.clip(entropy.mean() / np.log(len(p) - 1), 0.0, 1.0))


PLUGIN = Plugin(
    build=SoftNeighbourhoodDensity, kind="score", paper="arXiv:2108.10860", title="Soft neighbourhood density"
)
