"""How near the shares of the predicted classes are to what can be known of them: the source's, or those of BBSE.

Black-box shift estimation (Lipton, Wang & Smola, ICML 2018, https://arxiv.org/abs/1802.03916) says from this head's
confusions which shares would explain its answers. Either the classes come as they did or they come as that says; the
nearer of the two counts, so that a shift of the classes is no fault by itself. A head whose answers pile up in a few
classes without its confusions explaining it is far from both.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.adaptation.validators.label_shift import confusions
from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.evaluation.drift.label_shift import corrected_shares, why_not


class ClassBalance:
    """Minus the total variation between shares."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between -1 and 0; NaN without held-out rows."""
        truth, width = view.held.targets.values, view.held.targets.width
        if not len(truth):
            return float("nan")
        counts = np.bincount(view.predicted, minlength=width)
        said, known = counts / counts.sum(), [np.bincount(truth, minlength=width) / len(truth)]
        confusion = confusions(view.shifted.argmax(axis=1), truth, width)
        if not why_not(confusion):
            known.append(corrected_shares(confusion, counts))
        return -float(min(np.abs(said - shares).sum() / 2 for shares in known))


PLUGIN = Plugin(build=ClassBalance, kind="score", paper="arXiv:1802.03916", title="Balance of the classes")
