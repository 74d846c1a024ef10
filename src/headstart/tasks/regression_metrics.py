"""The metrics of predicted numbers, each with its interval, as evidence.json holds them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from headstart.evaluation import regression
from headstart.evaluation.intervals import interval
from headstart.evaluation.spearman import spearman, spearman_interval

NO_SPREAD = "the errors do not differ between examples"
ONE_TARGET = "the test targets are all the same"


def rmse_of(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    """Root mean square error of ``(N,)`` numbers."""
    bounds = regression.rmse_interval(truth, predicted)
    return interval(regression.rmse(truth, predicted), bounds, "" if bounds else NO_SPREAD)


def error_metrics(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    """Rmse, mae and R squared of ``(N,)`` numbers."""
    mae_bounds, r2_bounds = regression.mae_interval(truth, predicted), regression.r_squared_interval(truth, predicted)
    r2 = regression.r_squared(truth, predicted)
    note = ONE_TARGET if r2 is None else "" if r2_bounds else NO_SPREAD
    return {
        "rmse": rmse_of(truth, predicted),
        "mae": interval(regression.mae(truth, predicted), mae_bounds, "" if mae_bounds else NO_SPREAD),
        "r2": interval(r2, r2_bounds, note),
    }


def correlation(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    """Spearman's, of ``(N,)`` numbers."""
    value = spearman(truth, predicted)
    if value is None:
        return interval(None, None, "targets or predictions are all the same")
    bounds = spearman_interval(truth, predicted)
    return interval(value, bounds, "" if bounds else "it takes four examples or more")
