"""The ``residuals`` section of evidence.json: predicted against true numbers, and how errors are spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN = 500  # points that a page can draw; above, cells are counted
CELLS = 24  # cells per axis
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def residuals_section(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    """What a page draws.

    Args:
        truth: ``(N,)`` in the unit of the target.
        predicted: ``(N,)`` likewise.

    Returns:
        ``{"n", "points": [[true, predicted], ...] | None, "cells": {...} | None, "error_quantiles": {...}}``. Up to
        500 examples are points. More are counted: ``cells`` holds ``true_edges`` and ``predicted_edges`` (25 each,
        ascending) and ``counts`` (24 x 24, rows by true value). ``error_quantiles`` holds predicted minus true at
        shares 0.05 to 0.95, keys as text.
    """
    errors = np.quantile(predicted - truth, QUANTILES)
    quantiles = {f"{share:g}": float(value) for share, value in zip(QUANTILES, errors, strict=True)}
    section: dict[str, Any] = {"n": len(truth), "points": None, "cells": None, "error_quantiles": quantiles}
    if len(truth) <= SHOWN:
        section["points"] = np.stack([truth, predicted], axis=1).astype(float).tolist()
        return section
    counts, true_edges, predicted_edges = np.histogram2d(truth, predicted, bins=CELLS)
    section["cells"] = {
        "true_edges": true_edges.tolist(),
        "predicted_edges": predicted_edges.tolist(),
        "counts": counts.astype(int).tolist(),
    }
    return section
