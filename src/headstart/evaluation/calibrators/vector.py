r"""Vector scaling: a scale and a shift of its own for each class or label, pulled towards one temperature for all.

Guo, Pleiss, Sun & Weinberger, ICML 2017, https://arxiv.org/abs/1706.04599.

Ours: after the best temperature (``temperature.py``) class k's logit becomes :math:`(1 + d_k) z_k + b_k`, and the
summed log-loss is minimised together with :math:`\sum_k (d_k^2 + b_k^2) / (2 \sigma^2)`. That is a normal prior whose
weight does not grow with the rows: few rows leave all d and b near 0, which is temperature scaling; many rows decide
for themselves. It is convex. Logits of classes are centred in each row first, since a constant of a row would count
otherwise, and no scale falls below :data:`LEAST`, so that no class's order is turned round.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import TargetKind, Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.calibrators.contract import KINDS, Arrays, centred, checked
from headstart.evaluation.calibrators.temperature import best_factor
from headstart.evaluation.sigmoid import binary_log_loss, sigmoid
from headstart.evaluation.softmax import log_softmax

Floats = NDArray[np.float64]
LEAST = 0.05  # of a class's scale, relative to the common one


class VectorConfig(Config):
    """The default is ours.

    On 50 rows of 10 classes which one temperature serves, the log-loss of new rows is 0.02 above temperature scaling
    with 0.2, 0.08 with 0.5; where classes are 3 logits apart, 200 rows gain 0.02 either way.
    """

    spread: float = Field(
        0.2, gt=0, description="Standard deviation of the prior: scales (around the common one), shifts (logits)."
    )


def scales_and_shifts(targets: Targets, outputs: Floats, shares: Floats, spread: float) -> tuple[Floats, Floats]:
    """``(W,)`` scales around 1 and ``(W,)`` shifts of logits that are at their best temperature.

    Args:
        targets: Of N rows.
        outputs: ``(N, W)`` float64, finite; those of classes centred.
        shares: ``(N,)`` weights that sum to 1.
        spread: Of the prior.
    """
    from scipy.optimize import minimize

    width, pull = targets.width, 1 / (spread**2 * np.count_nonzero(shares))
    truth = _truth(targets)

    def value_and_slope(settings: Floats) -> tuple[float, Floats]:
        scale, shift = settings[:width], settings[width:]
        z = outputs * scale + shift
        if targets.kind == "multilabel":
            losses, expected = binary_log_loss(truth, z).sum(axis=1), sigmoid(z)
        else:
            logs = log_softmax(z)
            losses, expected = -(logs * truth).sum(axis=1), np.exp(logs)
        off = np.append(scale - 1, shift)
        gap = (expected - truth) * shares[:, None]
        slope = np.append((gap * outputs).sum(axis=0), gap.sum(axis=0)) + pull * off
        return float(losses @ shares + pull / 2 * (off @ off)), slope

    start = np.append(np.ones(width), np.zeros(width))
    bounds = [(LEAST, None)] * width + [(None, None)] * width
    found = minimize(value_and_slope, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:width], found[width:]


def _truth(targets: Targets) -> Floats:
    """``(N, W)`` of 0 and 1."""
    if targets.kind == "multilabel":
        return np.asarray(targets.values, dtype=np.float64)
    return np.asarray(np.asarray(targets.values)[:, None] == np.arange(targets.width), dtype=np.float64)


class Vector:
    """Two numbers for each output."""

    def __init__(self, config: VectorConfig) -> None:
        self.config = config

    def numbers_learned(self, width: int) -> float:
        """``2 * width``."""
        return 2.0 * width

    def why_not(self, targets: Targets) -> str | None:
        """None: where rows are few the prior holds the map at temperature scaling."""
        return None

    def fit(self, targets: Targets, outputs: NDArray[Any], weights: NDArray[Any] | None = None) -> dict[str, Any]:
        """See ``contract.Calibrator``; ``scale`` ``(W,)``, above 0, and ``shift`` ``(W,)`` in logits."""
        z, shares = checked(targets, outputs, weights)
        z = centred(z, targets.kind)
        factor = best_factor(targets, z, shares)
        scale, shift = scales_and_shifts(targets, z * factor, shares, self.config.spread)
        return {"scale": factor * scale, "shift": shift}

    def apply(self, arrays: Arrays, outputs: NDArray[Any], kind: TargetKind) -> Floats:
        """See ``contract.Calibrator``."""
        return np.asarray(centred(outputs, kind) * arrays["scale"] + arrays["shift"], dtype=np.float64)


PLUGIN = Plugin(kind="affine", build=Vector, config=VectorConfig, paper="arXiv:1706.04599", targets=KINDS)
