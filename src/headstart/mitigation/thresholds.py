"""The most accurate thresholds, one for each group, whose gap is within what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints

Flags = NDArray[np.bool_]
Criterion = Literal["demographic_parity", "equal_opportunity", "equalized_odds"]
EDGES = 100  # lower ends of the window that are tried in each rate
SAME = 1e-12


@dataclass(frozen=True)
class _Choices:
    """What each threshold of one group gives.

    Attributes:
        thresholds: ``(T,)``; a margin above it is decided for.
        rates: ``(T, R)`` the rates that the criterion is about.
        right: ``(T,)`` examples that are right.
    """

    thresholds: Floats
    rates: Floats
    right: Ints


def gap_of(criterion: Criterion, truth: Flags, decided: Flags, groups: Ints) -> float | None:
    """The criterion's largest gap between groups, 0-1; None where fewer than two have examples that it counts.

    Args:
        criterion: Its name.
        truth: ``(N,)`` who is positive.
        decided: ``(N,)`` who was taken for positive.
        groups: ``(N,)``.
    """
    gaps = []
    for counted in _counted(criterion, truth):
        rates = [float(decided[counted & (groups == g)].mean()) for g in np.unique(groups[counted])]
        gaps += [max(rates) - min(rates)] if len(rates) > 1 else []
    return max(gaps) if gaps else None


def best_thresholds(
    criterion: Criterion, truth: Flags, margin: Floats, groups: Ints, count: int, allowed: float, points: int
) -> Floats:
    """``(G,)`` thresholds of the margin; 0 for a group that has no examples that count.

    All rates must lie in a window as wide as ``allowed``. For each place of the window every group takes its most
    accurate threshold within; the place with the most right examples wins, and among equals the thresholds nearest
    to 0. Where no place serves all groups the window is widened as little as it must be (by halving).

    Args:
        criterion: Its name.
        truth: ``(N,)`` who is positive.
        margin: ``(N,)`` logit of the positive class against the other.
        groups: ``(N,)`` in 0..G-1.
        count: G.
        allowed: The gap that may be left, a fraction.
        points: Thresholds tried of each group.
    """
    usable = [
        group
        for group in range(count)
        if all((counted & (groups == group)).any() for counted in _counted(criterion, truth))
    ]
    found = np.zeros(count)
    if len(usable) < 2:
        return found
    choices = [_choices(criterion, truth[groups == g], margin[groups == g], points) for g in usable]
    taken = _within(choices, allowed)
    if taken is None:
        low, high = allowed, 1.0
        while high - low > 1e-3:
            middle = (low + high) / 2
            low, high = (low, middle) if _within(choices, middle) is not None else (middle, high)
        taken = _within(choices, high)
    if taken is not None:
        found[usable] = taken
    return found


def _counted(criterion: Criterion, truth: Flags) -> list[Flags]:
    """Which examples each rate of a criterion is about."""
    everyone = np.ones(len(truth), dtype=bool)
    return {
        "demographic_parity": [everyone],
        "equal_opportunity": [truth],
        "equalized_odds": [truth, ~truth],
    }[criterion]


def _choices(criterion: Criterion, truth: Flags, margin: Floats, points: int) -> _Choices:
    ordered = np.unique(margin)
    middles = (ordered[1:] + ordered[:-1]) / 2
    if len(middles) > points:
        middles = middles[np.linspace(0, len(middles) - 1, points).round().astype(int)]
    thresholds = np.unique(np.concatenate([[ordered[0] - 1, 0.0, ordered[-1] + 1], middles]))
    decided = margin > thresholds[:, None]  # (T, n)
    rates = np.stack([decided[:, counted].mean(axis=1) for counted in _counted(criterion, truth)], axis=1)
    return _Choices(thresholds, rates, (decided == truth).sum(axis=1))


def _within(choices: list[_Choices], allowed: float) -> Floats | None:
    """``(g,)`` thresholds for the best place of a window; None where no place serves all groups."""
    rates = np.concatenate([each.rates for each in choices])
    edges = [_thinned(np.unique(rates[:, column])) for column in range(rates.shape[1])]
    places = np.stack([axis.ravel() for axis in np.meshgrid(*edges, indexing="ij")], axis=1)  # (P, R)
    total, far = np.zeros(len(places)), np.zeros(len(places))
    picked = np.zeros((len(places), len(choices)))
    for column, each in enumerate(choices):
        above, own = places[:, None] - SAME, each.rates[None]
        inside = np.asarray(((own >= above) & (own <= above + allowed + 2 * SAME)).all(axis=2))  # (P, T)
        nearness = each.right - np.abs(each.thresholds) / (1 + np.abs(each.thresholds).max()) / 2
        best = np.where(inside, nearness, -np.inf).argmax(axis=1)
        total += np.where(inside.any(axis=1), each.right[best], -np.inf)
        far += np.abs(each.thresholds[best])
        picked[:, column] = each.thresholds[best]
    top = np.flatnonzero(total == total.max())
    if not np.isfinite(total.max()):
        return None
    return np.asarray(picked[top[np.argmin(far[top])]])


def _thinned(values: Floats) -> Floats:
    if len(values) <= EDGES:
        return values
    return np.asarray(values[np.linspace(0, len(values) - 1, EDGES).round().astype(int)])
