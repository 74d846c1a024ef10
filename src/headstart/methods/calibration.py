"""A scale and a shift that turn margins into logits, learned on held-out rows.

Platt, Advances in Large Margin Classifiers, 1999; of classes the scale alone, as Guo et al., ICML 2017,
arXiv:1706.04599, scale logits. Labels share both, so that rare ones do not decide on their own few rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from headstart.core.learning import Floats, TargetKind, Targets
from headstart.methods.row_losses import row_losses

LEAST, MOST = np.log(1e-2), np.log(1e2)  # of the scale: without information it would go to 0, without errors beyond all


@dataclass(frozen=True)
class Calibration:
    """``scale * margin + shift``; of classes the shift cancels out, save of two: the second one's."""

    scale: float
    shift: float

    def shifts(self, width: int, kind: TargetKind) -> Floats:
        """What is added to each output, ``(W,)``."""
        shifts = np.full(width, self.shift if kind == "multilabel" else 0.0)
        if kind != "multilabel" and width == 2:
            shifts[1] = self.shift
        return shifts

    def logits(self, margins: Floats, kind: TargetKind) -> Floats:
        """``(N, W)``."""
        logits: Floats = self.scale * margins + self.shifts(margins.shape[1], kind)
        return logits


def calibrate(targets: Targets, margins: Floats, weights: Floats) -> Calibration:
    """The scale (0.01 to 100) and shift of the lowest log-loss, as if one more row had been wrong by a typical margin.

    Without that row, held-out rows that are all right would make every probability 0 or 1: Platt smooths his targets
    for the same reason.

    Args:
        targets: Of N held-out rows; not numbers.
        margins: ``(N, W)``.
        weights: ``(N,)``, some above 0.
    """
    shares = weights / weights.sum()
    one_more = 1.0 / (len(margins) + 1)
    gap = _typical_margin(margins, targets.kind)

    def loss(settings: Floats) -> float:
        calibration = Calibration(float(np.exp(settings[0])), float(settings[1]))
        own = float(row_losses(targets, calibration.logits(margins, targets.kind)) @ shares)
        return (1 - one_more) * own + one_more * calibration.scale * gap

    found = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(LEAST, MOST), (-10, 10)])
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]))


def _typical_margin(margins: Floats, kind: TargetKind) -> float:
    """Median distance of a decision from the opposite one: of labels from 0, of classes best from second best."""
    if kind == "multilabel" or margins.shape[1] == 1:
        return float(np.median(np.abs(margins)))
    ordered = np.sort(margins, axis=1)
    return float(np.median(ordered[:, -1] - ordered[:, -2]))
