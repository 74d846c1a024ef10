r"""The mean of K proportions (macro recall, macro precision), and its interval.

Two intervals are computed and the wider limit is taken on each side, since each fails where the other holds:

- Recovered variances (Zou & Donner, Statistics in Medicine 2008): the exact intervals of the K proportions, their
  distances to the estimates added as squares. Right for few classes; too short for many, where most proportions sit
  at 1 and all their room is on one side.
- Effective sample size (Korn & Graubard, Survey Methodology 1998): the exact interval of one proportion with as many
  trials as give the mean its variance. Right for many classes; too short where one small class carries the variance.
  A class seen once or twice tells nothing about its own variance, so each proportion is first shrunk towards the
  pooled one by :data:`PRIOR` pseudo-examples.

The resampling bootstrap is not used: near a perfect score it sees no errors and finds no spread
(benchmarks/intervals.py has its coverage for macro-F1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import clopper_pearson

PRIOR = 2.0  # pseudo-examples per class that follow the pooled rate; between 1 and 4 mean coverage moves by 0.01


def shrunk_rates(successes: NDArray[Any], trials: NDArray[Any]) -> NDArray[np.float64]:
    """``(K,)`` proportions pulled towards the pooled one, never exactly 0 or 1; used for variances alone."""
    pooled = (successes.sum() + 0.5) / (trials.sum() + 1)
    return np.asarray((successes + PRIOR * pooled) / (trials + PRIOR), dtype=np.float64)


def at_effective_size(value: float, smoothed: float, variance: float, n: float) -> tuple[float, float]:
    """The exact interval of a proportion whose variance is ``variance``.

    Args:
        value: The estimate, 0-1.
        smoothed: The estimate with shrunk rates, inside 0-1: where the binomial variance is compared.
        variance: Of the estimate, computed at the shrunk rates.
        n: Number of examples: the effective size is never above it and never below 1.
    """
    size = float(np.clip(smoothed * (1 - smoothed) / max(variance, 1e-300), 1, max(n, 1)))
    low, high = clopper_pearson(value * size, size)
    return float(low), float(high)


def mean_of_proportions(successes: NDArray[Any], trials: NDArray[Any]) -> tuple[float, float]:
    """Interval of ``mean(successes / trials)``.

    Args:
        successes: ``(K,)``, ``0 <= successes <= trials``.
        trials: ``(K,)``; where it is 0 the proportion counts as 0 and may be anything up to 1.

    Returns:
        ``(low, high)`` around that mean.
    """
    k = len(trials)
    rates = successes / np.maximum(trials, 1)
    value = float(rates.mean())
    low, high = clopper_pearson(successes, trials)  # 0 and 1 without trials
    recovered = (
        value - float(np.sqrt(((rates - low) ** 2).sum())) / k,
        value + float(np.sqrt(((high - rates) ** 2).sum())) / k,
    )
    shrunk = shrunk_rates(successes, trials)
    variance = float((shrunk * (1 - shrunk) / np.maximum(trials, 1)).sum()) / k**2
    effective = at_effective_size(value, float(shrunk.mean()), variance, float(trials.sum()))
    return max(0.0, min(recovered[0], effective[0])), min(1.0, max(recovered[1], effective[1]))
