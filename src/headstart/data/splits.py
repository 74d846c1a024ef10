"""Splits and folds: stratified, whole groups on one side, decided by the generator alone.

A stratum is whatever a task balances: a class, a range of numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, DataError, LeakError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.data.grouping import first_seen, join_groups
from headstart.data.walk import shortened

Ints = NDArray[np.int64]
NOT_DEALT = -2  # of a row that has no fold yet
LARGEST_HELD_OUT = 0.5  # fraction of all rows; holding out a larger group would leave less than half to learn from


def train_test(
    strata: NDArray[Any], groups: NDArray[Any] | None, fraction: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Set a test part apart.

    Every stratum keeps rows in train; one whose rows are all in one group is in train only. With groups the
    fraction is met as nearly as whole groups allow: a group that is too large for the test part stays in train.
    Where some rows have company and others none, both kinds are in test about as often as they are in the data: a test
    part made of the one kind alone would say nothing about the other.

    Args:
        strata: ``(N,)`` stratum of each row: whole numbers, or any values that compare equal.
        groups: ``(N,)`` rows with equal values stay together; None in an object array is a row without a group.
        fraction: Share of rows for the test part, in (0, 1).
        rng: Decides which.

    Returns:
        Row numbers of train and of test, each ascending.

    Raises:
        ConfigError: the fraction is not in (0, 1).
        DataError: nothing can be set apart, since each stratum has one group only.
    """
    if not 0 < fraction < 1:
        raise ConfigError(f"the test fraction must lie between 0 and 1; got {fraction}. 0.2 is usual.")
    parts = _Parts(strata, groups)
    part = np.zeros(parts.n, np.int64)
    wanted = fraction * parts.sizes
    for group in _groups_to_hold_out(parts, wanted, rng):
        part[parts.rows_of(group)] = 1
    held = parts.counts_of_strata(np.flatnonzero(part)).astype(float)  # rows of each stratum in test so far
    _fill_with_single_rows(parts, part, held, wanted, rng)
    if not part.any():
        _take_smallest_group(parts, part)
    return np.flatnonzero(part == 0), np.flatnonzero(part == 1)


def folds(
    strata: Ints, groups: NDArray[Any] | None, k: int, rng: np.random.Generator, kept: Ints | None = None
) -> Ints:
    """Fold numbers for cross-validation.

    Args:
        strata: ``(N,)`` stratum of each row.
        groups: ``(N,)`` rows with equal values share a fold; None in an object array is a row without a group.
        k: Number of folds, at least 2. Fewer are made where there are fewer groups.
        rng: Decides which.
        kept: ``(N,)`` the fold of each row that has one already (or NEVER_HELD_OUT), NOT_DEALT for the others, which
            are dealt among those. A group whose rows have several is never held out.

    Returns:
        ``(N,)`` fold numbers 0..k-1, or NEVER_HELD_OUT for rows in every training part: those of a stratum whose rows
        are all in one group, rows grouped with them, and groups with more than half of all rows. Whichever fold is
        held out, every stratum is in the rest.
    """
    if k < 2:
        raise ConfigError(f"the number of folds must be at least 2; got {k}.")
    parts = _Parts(strata, groups)
    fold = np.full(parts.n, NEVER_HELD_OUT, np.int64)
    counts = np.zeros((k, len(parts.sizes)))
    fixed = parts.groups_never_held_out()
    if kept is not None:
        fixed |= _keep(parts, kept, fixed, fold, counts)
    order = rng.permutation(parts.together)
    for group in order[np.argsort(-parts.group_sizes[order], kind="stable")]:
        if fixed[group]:
            continue
        kinds, amount = parts.strata_in(group)
        crowding = (counts[:, kinds] * amount / parts.sizes[kinds]).sum(axis=1)
        best = min(rng.permutation(k), key=lambda f: (crowding[f], counts[f].sum()))
        fold[parts.rows_of(group)] = best
        counts[best, kinds] += amount
    singles = rng.permutation(parts.single_rows)
    for row in singles[np.argsort(parts.strata[singles], kind="stable")]:
        if fixed[parts.groups[row]]:
            continue
        own = counts[:, parts.strata[row]]
        candidates = np.flatnonzero(own == own.min())
        best = candidates[np.argmin(counts[candidates].sum(axis=1))]
        fold[row] = best
        counts[best, parts.strata[row]] += 1
    _keep_strata_in_training(parts, fold)
    return _numbered(fold)


def require_groups_apart(split: NDArray[Any], groups: NDArray[Any]) -> None:
    """Raise LeakError when a group has rows in more than one part of a given split.

    Args:
        split: ``(N,)`` objects: the name of each row's part.
        groups: ``(N,)`` objects; None is a row without a group.
    """
    where: dict[Any, str] = {}
    shared = []
    for group, part in zip(groups.tolist(), split.tolist(), strict=True):
        if group is not None and where.setdefault(group, part) != part:
            shared.append(str(group))
    if shared:
        names = sorted(set(shared))
        raise LeakError(
            f"a group must lie in one split; {len(names)} lie in several: {shortened(names)}. "
            "Correct the split, let a new one be made with --resplit, or go on all the same with "
            "--accept groups_across_splits."
        )


class _Parts:
    """Rows by group and stratum, as arrays."""

    def __init__(self, strata: NDArray[Any], groups: NDArray[Any] | None) -> None:
        self.n = len(strata)
        self.strata = first_seen(np.asarray(strata).tolist())
        self.groups = np.arange(self.n) if groups is None else join_groups(groups)
        self.sizes = np.bincount(self.strata)
        self.group_sizes = np.bincount(self.groups, minlength=0)
        self._order = np.argsort(self.groups, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(self.group_sizes)])
        self.together = np.flatnonzero(self.group_sizes > 1)
        self.single_rows = np.flatnonzero(self.group_sizes[self.groups] == 1)

    def rows_of(self, group: int) -> Ints:
        return self._order[self._starts[group] : self._starts[group + 1]]

    def strata_in(self, group: int) -> tuple[Ints, Ints]:
        """Classes of a group's rows and how many rows of each."""
        kinds, counts = np.unique(self.strata[self.rows_of(group)], return_counts=True)
        return kinds, counts

    def counts_of_strata(self, rows: Ints) -> Ints:
        return np.bincount(self.strata[rows], minlength=len(self.sizes))

    def groups_of_strata(self) -> tuple[Ints, Ints]:
        """Distinct (stratum, group) pairs, sorted by stratum."""
        pairs = np.unique(np.stack([self.strata, self.groups], axis=1), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def groups_never_held_out(self) -> NDArray[np.bool_]:
        """By group: it holds all rows of some stratum, or more than half of all rows."""
        kinds, groups = self.groups_of_strata()
        only = np.bincount(kinds, minlength=len(self.sizes))[kinds] == 1
        fixed = self.group_sizes > LARGEST_HELD_OUT * self.n
        fixed[groups[only]] = True
        return fixed


def _groups_to_hold_out(parts: _Parts, wanted: NDArray[Any], rng: np.random.Generator) -> list[int]:
    """Groups of two rows or more that go to test.

    Groups and single rows are met in one random order, and each takes a place while there are places; which single rows
    go is decided afterwards. If groups were met first, they would fill the test part.
    """
    if not len(parts.together):
        return []
    stratum = np.full(len(parts.group_sizes), -1)  # of a single row; below 0: a group of several
    stratum[parts.groups[parts.single_rows]] = parts.strata[parts.single_rows]
    order = rng.permutation(np.flatnonzero(parts.group_sizes))
    met = np.zeros(len(wanted))  # places of each stratum that are taken so far
    found = []
    for group, own in zip(order.tolist(), stratum[order].tolist(), strict=True):
        if own >= 0:  # of a million rows most are single: no arrays for them
            if met[own] < wanted[own] - 0.5 and met[own] + 1 < parts.sizes[own]:
                met[own] += 1
            continue
        kinds, counts = parts.strata_in(group)
        # What the squared error summed over strata, each in units of its own size, changes by.
        change = counts * (2 * (met[kinds] - wanted[kinds]) + counts) / parts.sizes[kinds]
        if change.sum() < 0 and (met[kinds] + counts < parts.sizes[kinds]).all():
            met[kinds] += counts
            found.append(group)
    return found


def _fill_with_single_rows(
    parts: _Parts, part: Ints, held: NDArray[Any], wanted: NDArray[Any], rng: np.random.Generator
) -> None:
    """Give each stratum the rows it still lacks in test, from rows without company; one per stratum stays in train."""
    missing = np.maximum(wanted - held, 0)
    order = rng.permutation(parts.single_rows)
    order = order[np.argsort(parts.strata[order], kind="stable")]
    available = parts.counts_of_strata(parts.single_rows)
    room = np.minimum(available, parts.sizes - held - 1).astype(np.int64)
    take = np.minimum(np.floor(missing).astype(np.int64), room)
    left = min(int(np.rint(missing.sum())) - int(np.floor(missing).sum()), int((room - take).sum()))
    rest = np.where(take < room, missing - np.floor(missing), -1.0)
    take[np.lexsort((rng.random(len(rest)), -rest))[: max(left, 0)]] += 1  # largest remainders, ties by lot
    take = np.minimum(take, room)
    start = np.cumsum(available) - available
    for number in np.flatnonzero(take):
        part[order[start[number] : start[number] + take[number]]] = 1


def _take_smallest_group(parts: _Parts, part: Ints) -> None:
    for group in np.argsort(parts.group_sizes, kind="stable"):
        kinds, counts = parts.strata_in(group)
        if (counts < parts.sizes[kinds]).all():
            part[parts.rows_of(group)] = 1
            return
    raise DataError(
        f"a test part must be set apart without splitting a group; all rows of each of the {len(parts.sizes)} "
        "classes lie in one group. Give each class rows of at least two groups, or name a test set with --test."
    )


def _keep(parts: _Parts, kept: Ints, fixed: NDArray[np.bool_], fold: Ints, counts: NDArray[np.float64]) -> Any:
    """Put the groups of rows that have a fold where those are, and count them; by group, which these are."""
    has, most = kept != NOT_DEALT, np.full(len(fixed), NOT_DEALT)
    np.maximum.at(most, parts.groups[has], kept[has])
    least = np.full(len(fixed), len(counts))
    np.minimum.at(least, parts.groups[has], kept[has])
    known = most != NOT_DEALT
    place = np.where(known & (least == most) & ~fixed, most, NEVER_HELD_OUT)[parts.groups]
    rows = np.flatnonzero(known[parts.groups] & (place != NEVER_HELD_OUT))
    fold[rows] = place[rows]
    np.add.at(counts, (fold[rows], parts.strata[rows]), 1)
    return known


def _keep_strata_in_training(parts: _Parts, fold: Ints) -> None:
    """Where all rows of a stratum came into one fold, its smallest group is never held out."""
    for number in range(len(parts.sizes)):
        rows = np.flatnonzero(parts.strata == number)
        if fold[rows[0]] != NEVER_HELD_OUT and (fold[rows] == fold[rows[0]]).all():
            groups = parts.groups[rows]
            fold[parts.rows_of(groups[np.argmin(parts.group_sizes[groups])])] = NEVER_HELD_OUT


def _numbered(fold: Ints) -> Ints:
    """Without gaps in the numbers, for folds that stayed empty."""
    used = np.unique(fold[fold != NEVER_HELD_OUT])
    numbers = np.full(len(fold), NEVER_HELD_OUT, np.int64)
    numbers[fold != NEVER_HELD_OUT] = np.searchsorted(used, fold[fold != NEVER_HELD_OUT])
    return numbers
