r"""How far numbers are off: root mean square error, mean absolute error, R squared, with their intervals.

Errors are skewed, so the intervals of rmse and mae are those of a mean, corrected for skewness
(``evaluation.mean_loss``); that of R squared, and of the difference of two models' rmse, come from the jackknife.
All of them raise ShapeError for numbers that are not ``(N,)`` each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.jackknife import below_one_interval, standard_error, t_interval
from headstart.evaluation.mean_loss import mean_interval

Floats = NDArray[np.float64]
Bounds = tuple[float, float] | None


def rmse(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Root mean square error of ``(N,)`` predictions, in the unit of the target.

    >>> rmse(np.array([0.0, 0.0]), np.array([3.0, 4.0]))
    3.5355339059327378
    """
    return float(np.sqrt((_errors(truth, predicted) ** 2).mean()))


def rmse_interval(truth: NDArray[Any], predicted: NDArray[Any]) -> Bounds:
    """``(low, high)``; None where squared errors of ``(N,)`` numbers do not differ, or there are fewer than two."""
    bounds = mean_interval(_errors(truth, predicted) ** 2)
    return None if bounds is None else (float(np.sqrt(bounds[0])), float(np.sqrt(bounds[1])))


def rmse_difference(truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> tuple[float, Bounds]:
    """Rmse of ``second`` minus that of ``first`` on the same examples: positive where ``first`` is better.

    All are ``(N,)`` numbers. The interval is None where no example tells the two apart.
    """
    squares = np.stack([_errors(truth, each) ** 2 for each in (first, second)], axis=1)

    def of_means(means: Floats) -> Floats:
        return np.asarray(np.sqrt(np.maximum(means[..., 1], 0)) - np.sqrt(np.maximum(means[..., 0], 0)))

    value = float(of_means(squares.mean(axis=0)))
    return value, t_interval(value, standard_error(squares, of_means), len(squares))


def mae(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Mean absolute error of ``(N,)`` predictions, in the unit of the target."""
    return float(np.abs(_errors(truth, predicted)).mean())


def mae_interval(truth: NDArray[Any], predicted: NDArray[Any]) -> Bounds:
    """``(low, high)``; None where absolute errors of ``(N,)`` numbers do not differ, or there are fewer than two."""
    return mean_interval(np.abs(_errors(truth, predicted)))


def r_squared(truth: NDArray[Any], predicted: NDArray[Any]) -> float | None:
    """1 minus the squared error over that of always predicting the mean of these very targets.

    1 at best, and below 0 for a model worse than that. None where all of the ``(N,)`` targets are the same.
    """
    spread = np.asarray(truth, dtype=np.float64).var()
    return float(1 - (_errors(truth, predicted) ** 2).mean() / spread) if spread > 0 else None


def r_squared_interval(truth: NDArray[Any], predicted: NDArray[Any]) -> Bounds:
    """``(low, high)``; None where :func:`r_squared` of ``(N,)`` numbers is None or 1, or without any one example."""
    value = r_squared(truth, predicted)
    if value is None:
        return None
    y = np.asarray(truth, dtype=np.float64)
    centered = y - y.mean()  # so that squares keep their digits when the mean is large
    columns = np.stack([_errors(truth, predicted) ** 2, centered, centered**2], axis=1)

    def of_means(means: Floats) -> Floats:
        spread = means[..., 2] - means[..., 1] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(spread > 0, 1 - means[..., 0] / spread, np.nan))

    return below_one_interval(value, standard_error(columns, of_means), len(columns))


def _errors(truth: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """``(N,)`` predicted minus true; raises ShapeError where they would be spread over each other."""
    right, given = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if right.ndim != 1 or right.shape != given.shape or not len(right):
        raise ShapeError(
            f"true and predicted numbers must be (N,) each, N > 0; got {right.shape} and {given.shape}. "
            "Give one number for each example."
        )
    return given - right
