"""The most accurate thresholds of each group, one or a mixture of several, whose gap is within what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints

Flags = NDArray[np.bool_]
Criterion = Literal["demographic_parity", "equal_opportunity", "equalized_odds"]
Mixture = tuple[tuple[float, float], ...]  # thresholds and how often each is used, which adds up to 1
EDGES = 100  # lower ends of the window that are tried in each rate
SAME = 1e-12
RARE = 1e-6  # how often a threshold must be used to be told


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
    usable = usable_groups(criterion, truth, groups, count)
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


def best_mixtures(
    criterion: Criterion, truth: Flags, margin: Floats, groups: Ints, count: int, allowed: float, points: int
) -> list[Mixture]:
    """G mixtures of thresholds of the most right answers whose gap is within what is allowed, on the average over lots.

    A linear program: how often each threshold of each group is used, so that all rates lie within ``allowed`` of each
    other. Any point under a group's ROC curve is within its reach, so there always is a solution. Arguments as of
    :func:`best_thresholds`.
    """
    from scipy.optimize import linprog

    usable = usable_groups(criterion, truth, groups, count)
    found: list[Mixture] = [((0.0, 1.0),)] * count
    if len(usable) < 2:
        return found
    choices = [_choices(criterion, truth[groups == g], margin[groups == g], points) for g in usable]
    sizes = [len(each.thresholds) for each in choices]
    owner = np.repeat(np.arange(len(choices)), sizes)
    rates = np.concatenate([each.rates for each in choices])
    one_each = (owner == np.arange(len(choices))[:, None]).astype(float)  # (g, T), T of all groups
    lower = np.eye(rates.shape[1])  # of each rate the lower end of the window is a variable too
    above = [np.append(-row * rates[:, r], lower[r]) for r in range(rates.shape[1]) for row in one_each]
    below = [np.append(row * rates[:, r], -lower[r]) for r in range(rates.shape[1]) for row in one_each]
    right = np.concatenate([each.right for each in choices]).astype(float)
    solved = linprog(
        np.append(-right, np.zeros(len(lower))),
        A_ub=np.array(above + below),
        b_ub=np.append(np.zeros(len(above)), np.full(len(below), allowed)),
        A_eq=np.concatenate([one_each, np.zeros((len(choices), len(lower)))], axis=1),
        b_eq=np.ones(len(choices)),
        bounds=(0, 1),
    )
    for at, group in enumerate(usable):
        share = np.where(solved.x[: len(owner)][owner == at] > RARE, solved.x[: len(owner)][owner == at], 0.0)
        used = np.flatnonzero(share)
        found[group] = tuple((float(choices[at].thresholds[t]), float(share[t] / share.sum())) for t in used)
    return found


def usable_groups(criterion: Criterion, truth: Flags, groups: Ints, count: int, least: int = 1) -> list[int]:
    """Groups with ``least`` examples or more for every rate that the criterion is about.

    Args:
        criterion: Its name.
        truth: ``(N,)`` who is positive.
        groups: ``(N,)`` in 0..G-1.
        count: G.
        least: Examples.
    """
    counted = _counted(criterion, truth)
    return [group for group in range(count) if all((each & (groups == group)).sum() >= least for each in counted)]


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
