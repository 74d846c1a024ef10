"""How cells fare on rows that were held out: what mitigations choose their settings by."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Floats, Targets
from headstart.methods.row_losses import row_losses
from headstart.mitigation.cells import Cells


def worst_held_out_loss(targets: Targets, cells: Cells, outputs: Floats, weights: Floats) -> float:
    """Largest mean log-loss of a cell; infinite where no row of a known group was held out.

    Args:
        targets: Of N rows.
        cells: Of these rows.
        outputs: ``(N, W)``, NaN where a row was never held out.
        weights: ``(N,)``.
    """
    losses = _held_out_losses(targets, cells, outputs, weights)
    return float("inf") if np.isnan(losses).all() else float(np.nanmax(losses))


def mean_held_out_loss(targets: Targets, cells: Cells, outputs: Floats, weights: Floats) -> float:
    """Mean over cells of their mean log-loss, each cell counting alike; arguments as of :func:`worst_held_out_loss`."""
    losses = _held_out_losses(targets, cells, outputs, weights)
    return float("inf") if np.isnan(losses).all() else float(np.nanmean(losses))


def _held_out_losses(targets: Targets, cells: Cells, outputs: Floats, weights: Floats) -> Floats:
    """``(C,)`` mean losses, NaN of a cell of which no row was held out."""
    known = np.asarray(np.isfinite(outputs).all(axis=1))
    losses = np.zeros(len(outputs))
    losses[known] = row_losses(targets.take(known), outputs[known])
    return cells.means(losses, weights * known)
