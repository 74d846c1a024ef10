"""How the worst cell fares on rows that were held out: what mitigations choose their settings by."""

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
    known = np.asarray(np.isfinite(outputs).all(axis=1))
    if not (known & (weights > 0) & (cells.code >= 0)).any():
        return float("inf")
    losses = np.zeros(len(outputs))
    losses[known] = row_losses(targets.take(known), outputs[known])
    return float(np.nanmax(cells.means(losses, weights * known)))
