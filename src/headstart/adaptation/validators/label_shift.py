"""The share that would be right if only the shares of the classes had changed.

Black-box shift estimation (Lipton, Wang & Smola, ICML 2018, https://arxiv.org/abs/1802.03916): from the confusions on
held-out source rows and the counts of answers in the target domain follow the classes' shares there; each class is then
recognised as it was, by the head with whatever shift it was given.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin
from headstart.evaluation.drift.label_shift import accuracy_of_shares, corrected_shares, why_not


class LabelShift:
    """By the head's own confusions."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN where answers do not say which classes came."""
        truth, width = view.held.targets.values, view.held.targets.width
        plain = view.outputs if view.shift is None else view.outputs - view.shift
        before = confusions(view.held_outputs.argmax(axis=1), truth, width)
        if not len(truth) or why_not(before):
            return float("nan")
        shares = corrected_shares(before, np.bincount(plain.argmax(axis=1), minlength=width))
        return accuracy_of_shares(confusions(view.shifted.argmax(axis=1), truth, width), shares)


def confusions(said: Ints, truth: Ints, width: int) -> Floats:
    """``(K, K)`` counts, rows predicted, columns true."""
    counts = np.zeros((width, width))
    np.add.at(counts, (said, truth), 1)
    return counts


PLUGIN = Plugin(build=LabelShift, kind="accuracy", paper="arXiv:1802.03916", title="Accuracy where only shares changed")
