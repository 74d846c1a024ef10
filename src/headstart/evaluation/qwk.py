r"""Quadratic weighted kappa: agreement on grades, beyond chance, a mistake counting by its squared distance.

Cohen, Psychological Bulletin 1968. With t and p the true and predicted grades on their numeric scale,

.. math:: \kappa = 1 - \frac{E[(t-p)^2]}{E[t^2] + E[p^2] - 2 E[t] E[p]}

1 is full agreement, 0 what chance would give with these shares of grades, below 0 worse than that. It is a function of
five means over examples, which is what its intervals use; it is also Lin's concordance correlation coefficient.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.jackknife import below_one_interval, standard_error, t_interval
from headstart.evaluation.proportions import clopper_pearson

Floats = NDArray[np.float64]


def grade_columns(truth: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """``(N, 5)``: t, p, t squared, p squared, (t - p) squared; the means of which give kappa."""
    t, p = np.asarray(truth, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    return np.stack([t, p, t**2, p**2, (t - p) ** 2], axis=1)


def kappa_of_means(means: Floats) -> Floats:
    """``(..., 5)`` means of :func:`grade_columns` to kappa ``(...)``; 0 where everything is one and the same grade."""
    t, p, t2, p2, off = np.moveaxis(means, -1, 0)
    by_chance = t2 + p2 - 2 * t * p
    return np.where(by_chance > 1e-12, 1 - off / np.maximum(by_chance, 1e-12), 0.0)


def quadratic_kappa(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """Kappa of ``(N,)`` grades on their numeric scale.

    >>> quadratic_kappa(np.array([0, 1, 2]), np.array([0, 1, 2]))
    1.0
    """
    return float(kappa_of_means(grade_columns(truth, predicted).mean(axis=0)))


def kappa_shares(truth: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """``(N,)`` each example's share; their mean is kappa."""
    columns = grade_columns(truth, predicted)
    t, p, t2, p2, _ = columns.mean(axis=0)
    by_chance = t2 + p2 - 2 * t * p
    return 1 - columns[:, 4] / by_chance if by_chance > 1e-12 else np.zeros(len(columns))


def kappa_interval(truth: NDArray[Any], predicted: NDArray[Any]) -> tuple[float, float] | None:
    """``(low, high)`` of :func:`quadratic_kappa`, of ``(N,)`` grades; None where all is one grade, or N is below 2.

    From the jackknife (``evaluation.jackknife``). Without any mistake there is no spread to see: then the lower limit
    is what kappa would be if as many examples as Clopper & Pearson's limit allows were off by the smallest step.
    """
    columns = grade_columns(truth, predicted)
    n, value = len(columns), quadratic_kappa(truth, predicted)
    if columns[:, 4].any():
        return below_one_interval(value, standard_error(columns, kappa_of_means), n)
    t, _, t2, _, _ = columns.mean(axis=0)
    steps = np.diff(np.unique(columns[:, 0]))
    if not len(steps):
        return None
    _, most = clopper_pearson(0, n)
    return 1 - float(most) * float(steps.min()) ** 2 / (2 * (t2 - t**2)), 1.0  # above -0.85, whatever the grades


def kappa_difference(
    truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any]
) -> tuple[float, tuple[float, float] | None]:
    """Kappa of ``first`` minus that of ``second`` on the same examples, and its interval from the jackknife.

    All are ``(N,)`` grades. The interval is None where no example tells the two apart.
    """
    columns = np.concatenate([grade_columns(truth, first), grade_columns(truth, second)], axis=1)

    def of_means(means: Floats) -> Floats:
        return np.asarray(kappa_of_means(means[..., :5]) - kappa_of_means(means[..., 5:]), dtype=np.float64)

    value = float(of_means(columns.mean(axis=0)))
    return value, t_interval(value, standard_error(columns, of_means), len(columns))
