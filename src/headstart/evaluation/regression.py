r"""How far numbers are off: root mean square error, mean absolute error, R squared; each a function of means."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def error_columns(truth: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """``(N, 4)``: squared error, absolute error, y and y squared, y measured from its mean for accuracy."""
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    centered = y - y.mean()
    return np.stack([(y - p) ** 2, np.abs(y - p), centered, centered**2], axis=1)


def errors_of_means(means: Floats) -> Floats:
    """``(..., 4)`` means of :func:`error_columns` to ``(..., 3)``: rmse, mae, R squared.

    R squared is 1 minus the squared error over that of always predicting the mean of these very targets; it is 1 at
    best, and below 0 for a model worse than that. NaN where all targets are the same.
    """
    squared, absolute, y, y2 = np.moveaxis(means, -1, 0)
    spread = y2 - y**2
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(spread > 1e-15 * np.maximum(y2, 1e-300), 1 - squared / spread, np.nan)
    return np.stack([np.sqrt(squared), absolute, r2], axis=-1)


def rmse(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Root mean square error, in the unit of the target."""
    return float(np.sqrt(np.mean((np.asarray(truth, float) - np.asarray(predicted, float)) ** 2)))
