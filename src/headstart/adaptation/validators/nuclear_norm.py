r"""Sure and varied answers at once: the sum of the singular values of the matrix of probabilities.

Batch nuclear-norm maximisation (BNM; Cui and others, CVPR 2020, https://arxiv.org/abs/2003.12237). Divided by
:math:`\sqrt{m K}`, its value where every class is answered with certainty and equally often.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin


class NuclearNorm:
    """Of the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Above 0, at most 1."""
        return share_of_largest(view.probabilities)


def share_of_largest(probabilities: Floats) -> float:
    """Of ``(m, K)`` probabilities.

    >>> round(share_of_largest(np.array([[1.0, 0.0], [0.0, 1.0]])), 6)
    1.0
    """
    p = np.asarray(probabilities, np.float64)
    squares = np.linalg.eigvalsh(p.T @ p)  # of K x K: the squared singular values
    return float(np.sqrt(np.maximum(squares, 0)).sum() / np.sqrt(p.size))


PLUGIN = Plugin(build=NuclearNorm, kind="score", paper="arXiv:2003.12237", title="Nuclear norm")
