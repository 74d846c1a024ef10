"""Quadratic weighted kappa of grades and of two models' difference, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.bootstrap import bca_intervals
from headstart.evaluation.intervals import interval
from headstart.evaluation.qwk import grade_columns, kappa_of_means, quadratic_kappa

Floats = NDArray[np.float64]


def kappa(truth: NDArray[Any], predicted: NDArray[Any], rng: np.random.Generator) -> dict[str, Any]:
    """Kappa of ``(N,)`` numeric grades."""
    [bounds] = bca_intervals(grade_columns(truth, predicted), lambda means: kappa_of_means(means)[..., None], rng)
    return interval(quadratic_kappa(truth, predicted), bounds, "" if bounds else "the examples do not differ")


def difference(
    truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any], rng: np.random.Generator
) -> tuple[float, tuple[float, float] | None]:
    """Kappa of ``first`` minus that of ``second``, and its interval by drawing examples again."""
    columns = np.concatenate([grade_columns(truth, first), grade_columns(truth, second)], axis=1)

    def of_means(means: Floats) -> Floats:
        return np.asarray(kappa_of_means(means[..., :5]) - kappa_of_means(means[..., 5:]))[..., None]

    [bounds] = bca_intervals(columns, of_means, rng)
    return float(of_means(columns.mean(axis=0))[0]), bounds
