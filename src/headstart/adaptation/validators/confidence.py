"""The mean probability of what is predicted: the share that is right, of calibrated probabilities.

Hendrycks & Gimpel's baseline as an estimate (average confidence; Garg et al., ICLR 2022, arXiv:2201.04234).
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class Confidence:
    """Of the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1."""
        return float(view.probabilities.max(axis=1).mean())


PLUGIN = Plugin(build=Confidence, kind="accuracy", paper="arXiv:2201.04234", title="Mean confidence")
