"""What a row loses under some outputs: the measure by which solvers choose on held-out rows."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from headstart.core.learning import Floats, Targets


def row_losses(targets: Targets, outputs: Floats) -> Floats:
    """``(N,)`` float64: log-loss of classes, mean log-loss over labels, squared error of numbers.

    Args:
        targets: Of N rows.
        outputs: ``(N, W)`` logits, or numbers.
    """
    losses: Floats
    if targets.kind == "real":
        losses = np.square(outputs[:, 0] - targets.values)
    elif targets.kind == "multilabel":
        losses = (np.logaddexp(0, outputs) - targets.values * outputs).mean(axis=1)
    else:
        own = np.take_along_axis(outputs, targets.values[:, None], axis=1)[:, 0]
        losses = logsumexp(outputs, axis=1) - own
    return losses


def mean_held_out_loss(targets: Targets, outputs: Floats, weights: Floats) -> float | None:
    """Weighted mean loss over the rows that were held out; None where no row of any weight was.

    Args:
        targets: Of N rows.
        outputs: ``(N, W)``, NaN where a row was never held out.
        weights: ``(N,)``.
    """
    held_out = ~np.isnan(outputs).any(axis=1) & (weights > 0)
    if not held_out.any():
        return None
    return float(np.average(row_losses(targets.take(held_out), outputs[held_out]), weights=weights[held_out]))
