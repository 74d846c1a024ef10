"""Intervals of a root mean square that were tried in place of the one that is used: see ``fairness_coverage.py``."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import stdtrit

RESAMPLES = 499
SMALLEST = 1e-9  # of a standard error, so that a resample of equal values divides by something


def log_interval(errors: Any, tail: float, rng: np.random.Generator) -> tuple[float, float]:
    """Student's limits of the logarithm of the mean square, by the delta method."""
    center, error = _log_mean_square(errors**2)
    reach = float(stdtrit(len(errors) - 1, 1 - tail)) * float(error)
    return float(np.exp((center - reach) / 2)), float(np.exp((center + reach) / 2))


def bootstrap_t(errors: Any, tail: float, rng: np.random.Generator) -> tuple[float, float]:
    """The same, with the quantiles of resamples' own t statistics (Efron & Tibshirani 1993, chapter 12)."""
    squares = errors**2
    center, error = _log_mean_square(squares)
    centers, own = _log_mean_square(squares[rng.integers(0, len(squares), (RESAMPLES, len(squares)))])
    low, high = np.quantile((centers - center) / np.maximum(own, SMALLEST), [tail, 1 - tail])
    return float(np.exp((center - high * error) / 2)), float(np.exp((center - low * error) / 2))


def _log_mean_square(squares: Any) -> tuple[Any, Any]:
    """The logarithm of the mean over the last axis, and its standard error."""
    mean = squares.mean(axis=-1)
    return np.log(mean), squares.std(axis=-1, ddof=1) / mean / np.sqrt(squares.shape[-1])
