"""The share of target rows that are surer than the threshold above which held-out source rows lie as often as right.

Average thresholded confidence (ATC; Garg and others, ICLR 2022, https://arxiv.org/abs/2201.04234).
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.evaluation.drift.estimated_accuracy import by_threshold, held_out_accuracy
from headstart.evaluation.softmax import softmax


class ConfidenceThreshold:
    """Of this head."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN without held-out rows."""
        if not len(view.held):
            return float("nan")
        reference = held_out_accuracy(softmax(view.held_outputs).max(axis=1), view.right)
        sure = view.probabilities.max(axis=1)
        return float(by_threshold(reference, int((sure >= reference.threshold).sum()), len(sure))["value"])


PLUGIN = Plugin(
    build=ConfidenceThreshold, kind="accuracy", paper="arXiv:2201.04234", title="Average thresholded confidence"
)
