"""Two tools on the same splits: each split's accuracy is the mean over its seeds, and splits are what is paired."""

from __future__ import annotations

import math
from statistics import fmean

from headstart.evaluation.proportions import clopper_pearson

from .summary import Pair

LEAST_MISTAKES = 0.5  # a tool without a mistake on n examples has an error of this / n, so that ratios exist


def by_split(values: dict[Pair, float]) -> dict[int, float]:
    """Mean over the seeds of each split.

    >>> by_split({(0, 0): 0.5, (0, 1): 1.0, (2, 0): 0.25})
    {0: 0.75, 2: 0.25}
    """
    found: dict[int, list[float]] = {}
    for (split, _), value in sorted(values.items()):
        found.setdefault(split, []).append(value)
    return {split: fmean(each) for split, each in found.items()}


def common(one: dict[Pair, float], other: dict[Pair, float]) -> tuple[list[float], list[float]]:
    """The values of the splits that both have."""
    ours, theirs = by_split(one), by_split(other)
    both = sorted(ours.keys() & theirs.keys())
    return [ours[split] for split in both], [theirs[split] for split in both]


def difference(one: dict[Pair, float], other: dict[Pair, float]) -> float | None:
    """Mean of ``one - other`` over the splits that both have, in points; None without one.

    >>> difference({(0, 0): 0.75, (1, 0): 1.0}, {(0, 0): 0.5})
    25.0
    """
    ours, theirs = common(one, other)
    return 100 * (fmean(ours) - fmean(theirs)) if ours else None


def error_ratio(one: dict[Pair, float], other: dict[Pair, float], n_test: int) -> float | None:
    """Mean error of ``one`` over that of ``other``, over the splits that both have.

    >>> error_ratio({(0, 0): 0.75}, {(0, 0): 0.5}, 100)
    0.5
    """
    ours, theirs = common(one, other)
    if not ours:
        return None
    least = LEAST_MISTAKES / max(1, n_test * len(ours))
    return max(1 - fmean(ours), least) / max(1 - fmean(theirs), least)


def interval(accuracy: float, n_test: int) -> tuple[float, float]:
    """95 % interval of an accuracy on the test examples of one split.

    A mean over splits is no wider: several splits say no less than one (their test parts overlap, so how much more
    they say is not known).
    """
    low, high = clopper_pearson(accuracy * n_test, n_test)
    return float(low), float(high)


def difference_interval(one: dict[Pair, float], other: dict[Pair, float], n_test: int) -> tuple[float, float] | None:
    """Bounds of :func:`difference`, in points, from both intervals; wider than a paired one, which needs each answer.

    Zou & Donner, Statistics in Medicine 2008 (method of variance estimates recovery).
    """
    ours, theirs = common(one, other)
    if not ours or not n_test:
        return None
    first, second = fmean(ours), fmean(theirs)
    (low, high), (other_low, other_high) = interval(first, n_test), interval(second, n_test)
    below = math.hypot(first - low, other_high - second)
    above = math.hypot(high - first, second - other_low)
    return 100 * (first - second - below), 100 * (first - second + above)
