"""Which rows learn and which are sealed away: the given split, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core.seeding import generator

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

Rows = NDArray[np.int64]
TEST_FRACTION = 0.2
SHOWN = 5


@dataclass(frozen=True)
class Split:
    """Row numbers of the data set, and what is worth saying about them.

    Attributes:
        train: Rows to learn from, a given val included.
        test: Rows that are sealed.
        val: How many of ``train`` were given as val.
        groups: ``(N,)`` group numbers: rows of one group are on one side of every split and fold.
        notes: Sentences for the plan.
        warnings: Sentences for the evidence.
    """

    train: Rows
    test: Rows
    val: int
    groups: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def require_given_split(dataset: LabeledDataset, *, resplit: bool) -> None:
    """Raise LeakError when the given split has the same group on both sides; a new one will not."""
    from headstart.data.splits import require_groups_apart

    if dataset.groups is not None and (dataset.split == "test").any() and not resplit:
        require_groups_apart(np.where(dataset.split == "test", "test", "train").astype(object), dataset.groups)


def make_split(
    dataset: LabeledDataset,
    duplicates: NDArray[np.int64],
    strata: NDArray[np.int64],
    *,
    resplit: bool,
    seed: int,
) -> Split:
    """The given split where there is one with a test part (see :func:`require_given_split`), else 20 % set apart.

    Args:
        dataset: Examples that could be read.
        duplicates: ``(N,)`` near-duplicate group numbers.
        strata: ``(N,)`` what the split balances, from the task.
        resplit: Ignore the given split.
        seed: Of a new split.

    Raises:
        DataError: too few examples to set any apart.
    """
    from headstart.data.grouping import join_groups
    from headstart.data.splits import train_test

    groups = join_groups(duplicates) if dataset.groups is None else join_groups(duplicates, dataset.groups)
    if (dataset.split == "test").any() and not resplit:
        test = np.flatnonzero(dataset.split == "test")
        train = np.flatnonzero(dataset.split != "test")
        val = int((dataset.split == "val").sum())
        return Split(train, test, val, groups, (), _shared_duplicates(dataset.ids, duplicates, train, test))
    train, test = train_test(strata, groups, TEST_FRACTION, generator(seed, "split"))
    note = f"{len(test):,} of {len(dataset):,} examples are set apart as the test split (seed {seed})"
    return Split(train, test, 0, groups, (note,))


def _shared_duplicates(ids: Sequence[str], duplicates: NDArray[np.int64], train: Rows, test: Rows) -> tuple[str, ...]:
    shared = np.intersect1d(duplicates[train], duplicates[test])
    if len(shared) == 0:
        return ()
    in_test = np.flatnonzero(np.isin(duplicates[test], shared))
    shown = ", ".join(ids[test[row]] for row in in_test[:SHOWN])
    return (
        f"{len(in_test)} of {len(test)} test examples are nearly the same as a training example ({shown}), "
        "so the result may look better than it is. --resplit keeps such examples on one side.",
    )
