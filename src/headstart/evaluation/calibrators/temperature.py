r"""Temperature scaling: all logits divided by one number, which makes a model as sure as it is right.

Guo, Pleiss, Sun & Weinberger, On Calibration of Modern Neural Networks, ICML 2017, https://arxiv.org/abs/1706.04599.

Ours: the factor :math:`s = 1 / T` minimises the mean log-loss plus :math:`(s - 1 - \log s) / N`, the negative logarithm
of a gamma prior with its mode at 1 that counts as much as one row. Without it, held-out rows that are all right would
make every probability 0 or 1. Both terms are convex in s, so there is one optimum, found by bisection of the slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.learning import TargetKind, Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.calibrators.contract import KINDS, Arrays, centred, checked
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax

Floats = NDArray[np.float64]
FURTHEST = 30.0  # of the factor's logarithm: beyond what float32 logits can ask for


class TemperatureConfig(Config):
    """Nothing to set: the temperature follows from the rows."""


def best_factor(targets: Targets, outputs: Floats, shares: Floats) -> float:
    """What logits are multiplied by, above 0; 1 where the rows do not say.

    Args:
        targets: Of N rows.
        outputs: ``(N, W)`` float64, finite.
        shares: ``(N,)`` weights that sum to 1.
    """
    from scipy.optimize import brentq

    one_row = 1.0 / np.count_nonzero(shares)

    def slope(log_factor: float) -> float:
        factor = float(np.exp(log_factor))
        return _slope_of_loss(targets, outputs, shares, factor) + one_row * (1 - 1 / factor)

    if slope(-FURTHEST) >= 0 or slope(FURTHEST) <= 0:  # logits beyond all measure
        return float(np.exp(-FURTHEST if slope(-FURTHEST) >= 0 else FURTHEST))
    return float(np.exp(brentq(slope, -FURTHEST, FURTHEST, xtol=1e-8)))


def _slope_of_loss(targets: Targets, outputs: Floats, shares: Floats, factor: float) -> float:
    """Derivative of the mean log-loss by the factor: the logits expected minus those that came true."""
    if targets.kind == "multilabel":
        gaps = (sigmoid(outputs * factor) - targets.values) * outputs
        return float(gaps.mean(axis=1) @ shares)
    from_own = outputs - np.take_along_axis(outputs, np.asarray(targets.values)[:, None], axis=1)
    return float((softmax(outputs * factor) * from_own).sum(axis=1) @ shares)


class Temperature:
    """One number, whatever the width."""

    def __init__(self, config: TemperatureConfig) -> None:
        self.config = config

    def numbers_learned(self, width: int) -> float:
        """1."""
        return 1.0

    def why_not(self, targets: Targets) -> str | None:
        """None: one number is learned from any rows that a choice is made on."""
        return None

    def fit(self, targets: Targets, outputs: NDArray[Any], weights: NDArray[Any] | None = None) -> dict[str, Any]:
        """See ``contract.Calibrator``; ``temperature`` ``(1,)``, above 0; above 1 makes a model less sure."""
        z, shares = checked(targets, outputs, weights)
        return {"temperature": np.array([1 / best_factor(targets, centred(z, targets.kind), shares)])}

    def apply(self, arrays: Arrays, outputs: NDArray[Any], kind: TargetKind) -> Floats:
        """See ``contract.Calibrator``; what is predicted does not change."""
        return np.asarray(centred(outputs, kind) / arrays["temperature"][0], dtype=np.float64)


PLUGIN = Plugin(kind="affine", build=Temperature, config=TemperatureConfig, paper="arXiv:1706.04599", targets=KINDS)
