"""Prediction intervals of numbers that are wide where errors are expected to be large.

Lei, G'Sell, Rinaldo, Tibshirani & Wasserman, JASA 2018, section 5.2 ("locally weighted"): errors are divided by a scale
that depends on the input, and the conformal quantile of these ratios is multiplied by a new input's scale. The coverage
is that of split conformal prediction for any scale above 0, good or bad, as long as it was not learned from the
held-out errors themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.conformal import COVERAGE, conformal_rank

Floats = NDArray[np.float64]


def scaled_reach(errors: NDArray[Any], scales: NDArray[Any], coverage: float = COVERAGE) -> float | None:
    """How many scales a prediction may be off.

    Args:
        errors: ``(n,)`` of held-out rows, signed or not, in the unit of the target.
        scales: ``(n,)`` above 0, finite: what their errors were expected to be, from something that did not see them.
        coverage: Share of new rows that should fall inside, in (0, 1).

    Returns:
        None where n is too small for the level.

    Raises:
        ShapeError: shapes differ, a number is not finite, or a scale is not above 0.

    >>> scaled_reach(np.arange(1.0, 10), np.full(9, 2.0))
    4.5
    """
    e, s = np.abs(np.asarray(errors, dtype=np.float64)), np.asarray(scales, dtype=np.float64)
    if e.ndim != 1 or e.shape != s.shape:
        raise ShapeError(f"errors and scales must both be (N,); got {e.shape} and {s.shape}.")
    if not (np.isfinite(e).all() and np.isfinite(s).all() and (s > 0).all()):
        raise ShapeError("errors must be finite, scales finite and above 0. Leave out rows that were never held out.")
    rank = conformal_rank(len(e), coverage)
    return None if rank is None else float(np.sort(e / s)[rank - 1])


def scaled_intervals(predicted: NDArray[Any], scales: NDArray[Any], reach: float) -> tuple[Floats, Floats]:
    """``(N,)`` low and high ends for predictions and scales ``(N,)``, in the unit of the target."""
    middle, half = np.asarray(predicted, dtype=np.float64), reach * np.asarray(scales, dtype=np.float64)
    if middle.shape != half.shape:
        raise ShapeError(f"predictions and scales must both be (N,); got {middle.shape} and {half.shape}.")
    return middle - half, middle + half
