r"""Intervals of statistics that are functions of means over examples, from what each example contributes.

The jackknife (Quenouille 1949; Tukey 1958) leaves out one example at a time; the spread of the results, times
:math:`(n-1)/\sqrt n`, is the statistic's standard error, taken with Student's t. It covers better than the bootstraps
that were tried (percentile, and BCa of Efron, JASA 1987): two models that decide most examples alike differ in a few of
them, and drawing these again shows too little spread. benchmarks/target_intervals.py has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import TAIL

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
BLOCK = 1 << 20  # numbers looked at together, so that memory stays small


def standard_error(columns: NDArray[Any], of_means: Statistic) -> float:
    """Jackknife standard error.

    Args:
        columns: ``(N, m)`` what is averaged over the examples; any type of numbers.
        of_means: From means ``(..., m)`` to the statistic ``(...)``.

    Returns:
        0 where leaving out any example changes nothing; NaN below two examples, or where the statistic is undefined
        without one of them.
    """
    n = len(columns)
    if n < 2:
        return float("nan")
    total = columns.sum(axis=0, dtype=np.float64)
    rows = max(1, BLOCK // max(columns.shape[1], 1))
    without_one = np.concatenate(
        [of_means((total - columns[start : start + rows]) / (n - 1)) for start in range(0, n, rows)]
    )
    return float(np.std(without_one) * (n - 1) / np.sqrt(n - 1))


def t_interval(value: float, error: float, n: int) -> tuple[float, float] | None:
    """``value`` and Student's t times its standard error to each side; None without a finite error above 0."""
    reach = _reach(error, n)
    return None if reach is None else (value - reach, value + reach)


def below_one_interval(value: float, error: float, n: int) -> tuple[float, float] | None:
    """For a statistic that is 1 at best and has no floor (kappa, R squared).

    Of the t interval and that of ``log(1 - value)``, which never passes 1, each alone covers less where the other
    holds: the first near 1, the second where the targets are skewed. The wider limit is taken on each side: the lower
    one of the logarithm, the upper one of the t interval, cut at 1.

    Returns:
        ``(low, high)``, high at most 1; None without a finite error above 0, or at 1 itself.
    """
    plain = t_interval(value, error, n)
    if plain is None or value >= 1:
        return None
    factor = float(np.exp(min((plain[1] - value) / (1 - value), 700.0)))  # beyond, exp has no number
    return 1 - (1 - value) * factor, min(1.0, plain[1])


def _reach(error: float, n: int) -> float | None:
    from scipy.special import stdtrit

    if not np.isfinite(error) or error <= 0:
        return None
    return float(stdtrit(n - 1, 1 - TAIL)) * error
