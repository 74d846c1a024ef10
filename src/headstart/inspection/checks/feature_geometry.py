"""Features as directions, so that their cosines can be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats

ZERO = 1e-12  # of lengths and spreads


def directions(features: Floats) -> NDArray[np.float32]:
    """``(N, D)`` float32 rows of length 1, standardised by column; rows and columns without spread become 0.

    Without this the columns with large numbers alone would say what is alike.
    """
    values = np.asarray(features, np.float32)
    values = values - values.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = values.std(axis=0, dtype=np.float64).astype(np.float32)
    values *= np.where(spread > ZERO, 1 / np.maximum(spread, ZERO), 0).astype(np.float32)
    return unit_rows(values)


def unit_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(N, D)`` rows divided by their length; those without one become 0."""
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(np.where(lengths > ZERO, values / np.maximum(lengths, ZERO), 0), np.float32)
