"""The arithmetic of regret: halves of a test, an oracle that is picked on one and scored on the other, intervals."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.975  # both sides of a 95 % interval


def halves(classes: Sequence[int], seed: int) -> NDArray[np.bool_]:
    """Whether each example is in the first half: random, every class and the whole split within one example.

    >>> halves([0, 0, 1, 1], seed=0).sum()
    np.int64(2)
    """
    rng = random.Random(f"halves/{seed}")
    rows = list(range(len(classes)))
    rng.shuffle(rows)
    rows.sort(key=lambda row: classes[row])  # stable, so random within each class
    first = np.zeros(len(rows), bool)
    first[rows[rng.randrange(2) :: 2]] = True
    return first


def picked(right: Mapping[str, NDArray[np.int64]], rows: NDArray[np.bool_]) -> str:
    """The candidate with the most right answers among ``rows``; of equals the first one."""
    return max(right, key=lambda name: int(right[name][rows].sum()))


@dataclass(frozen=True)
class Regret:
    """Of one run.

    Attributes:
        points: Accuracy of the oracle minus that of the run, times 100; every test example is counted once, with the
            oracle that was picked on the other half.
        interval: 95 %, of this run's examples, in points.
        oracle, ours: Both accuracies.
        picks: On the first half, and on the second.
    """

    points: float
    interval: tuple[float, float]
    oracle: float
    ours: float
    picks: tuple[str, str]


def regret(right: Mapping[str, NDArray[np.int64]], ours: NDArray[np.int64], first: NDArray[np.bool_]) -> Regret:
    """Of a run beside a grid.

    Args:
        right: ``(N,)`` 0 or 1, by candidate, whether it gets each test example right.
        ours: The same of the run.
        first: ``(N,)``, see :func:`halves`.
    """
    from headstart.evaluation.proportions import paired_difference

    picks = picked(right, first), picked(right, ~first)
    oracle = np.where(first, right[picks[1]], right[picks[0]])
    low, high = paired_difference(((oracle == 1) & (ours == 0)).sum(), ((oracle == 0) & (ours == 1)).sum(), len(ours))
    points = 100 * float(oracle.mean() - ours.mean())
    return Regret(points, (100 * float(low), 100 * float(high)), float(oracle.mean()), float(ours.mean()), picks)


def mean_of_sets(by_set: Mapping[str, Sequence[float]]) -> tuple[float, tuple[float, float] | None]:
    """Mean over the sets of each set's mean over its seeds, and its 95 % interval over seeds; the sets are as they are.

    Student's t with the degrees of freedom of Welch and Satterthwaite; None where a set has only one seed.

    >>> mean_of_sets({"a": [1.0, 1.0], "b": [3.0, 3.0]})
    (2.0, (2.0, 2.0))
    """
    from scipy.stats import t

    mean = fmean(fmean(values) for values in by_set.values())
    if any(len(values) < 2 for values in by_set.values()):
        return mean, None
    parts = [(variance(values) / len(values) / len(by_set) ** 2, len(values) - 1) for values in by_set.values()]
    squared = sum(part for part, _ in parts)
    if squared == 0:
        return mean, (mean, mean)
    freedom = squared**2 / sum(part**2 / degrees for part, degrees in parts)
    reach = float(t.ppf(LEVEL, freedom)) * math.sqrt(squared)
    return mean, (mean - reach, mean + reach)
