"""The metrics of predicted numbers, each with its interval, as evidence.json holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.bootstrap import bca_intervals
from headstart.evaluation.intervals import interval
from headstart.evaluation.regression import error_columns, errors_of_means
from headstart.evaluation.spearman import spearman, spearman_interval

Floats = NDArray[np.float64]
NO_SPREAD = "the errors do not differ between examples"


def error_metrics(truth: NDArray[Any], predicted: NDArray[Any], rng: np.random.Generator) -> dict[str, Any]:
    """Rmse, mae and R squared of ``(N,)`` numbers."""
    columns = error_columns(truth, predicted)
    rmse, mae, r2 = (float(value) for value in errors_of_means(columns.mean(axis=0)))
    bounds = bca_intervals(columns, errors_of_means, rng)
    no_r2 = interval(None, None, "the test targets are all the same")
    return {
        "rmse": interval(rmse, bounds[0], "" if bounds[0] else NO_SPREAD),
        "mae": interval(mae, bounds[1], "" if bounds[1] else NO_SPREAD),
        "r2": interval(r2, bounds[2], "" if bounds[2] else NO_SPREAD) if np.isfinite(r2) else no_r2,
    }


def correlation(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    """Spearman's."""
    value = spearman(truth, predicted)
    if value is None:
        return interval(None, None, "targets or predictions are all the same")
    bounds = spearman_interval(value, len(truth))
    return interval(value, bounds, "" if bounds else "it takes four examples or more")


def rmse_of(truth: NDArray[Any], predicted: NDArray[Any], rng: np.random.Generator) -> dict[str, Any]:
    """Rmse alone."""
    found: dict[str, Any] = error_metrics(truth, predicted, rng)["rmse"]
    return found


def difference(
    truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any], rng: np.random.Generator
) -> tuple[float, tuple[float, float] | None]:
    """Rmse of ``second`` minus that of ``first`` (so that positive is better), by drawing examples again."""
    columns = np.stack([(truth - first) ** 2, (truth - second) ** 2], axis=1)

    def of_means(means: Floats) -> Floats:
        return np.asarray(np.sqrt(means[..., 1:]) - np.sqrt(means[..., :1]))

    [bounds] = bca_intervals(columns, of_means, rng)
    return float(of_means(columns.mean(axis=0))[0]), bounds
