"""Which rows learn and which are sealed away: the given split, or a new one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.seeding import generator
from headstart.solving.ties import is_tied_too_much, ties_told

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

logger = logging.getLogger(__name__)

Rows = NDArray[np.int64]
TEST_FRACTION = 0.2


@dataclass(frozen=True)
class Split:
    """Row numbers of the data set, and what is worth saying about them.

    Attributes:
        train: Rows to learn from, a given val included.
        test: Rows that are sealed.
        val: How many of ``train`` were given as val.
        groups: ``(N,)`` group numbers: rows of one group are on one side of every split and fold.
        notes: Sentences for the plan.
    """

    train: Rows
    test: Rows
    val: int
    groups: NDArray[np.int64]
    notes: tuple[str, ...] = ()


def require_given_split(dataset: LabeledDataset, *, resplit: bool, accepted: Sequence[str] = ()) -> None:
    """Raise LeakError when the given split has the same group on both sides; a new one will not.

    ``accepted`` holds ids of findings; "groups_across_splits" among them lets such a split pass.
    """
    from headstart.data.splits import require_groups_apart

    if "groups_across_splits" in accepted:
        return
    if dataset.groups is not None and (dataset.split == "test").any() and not resplit:
        require_groups_apart(np.where(dataset.split == "test", "test", "train").astype(object), dataset.groups)


def kept_together(dataset: LabeledDataset, duplicates: NDArray[np.int64]) -> NDArray[np.int64]:
    """``(N,)`` group numbers from near-duplicates ``(N,)`` and the groups that the data name."""
    from headstart.data.grouping import join_groups

    return join_groups(duplicates) if dataset.groups is None else join_groups(duplicates, dataset.groups)


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
    from headstart.data.splits import train_test

    groups = kept_together(dataset, duplicates)
    if (dataset.split == "test").any() and not resplit:
        test = np.flatnonzero(dataset.split == "test")
        train = np.flatnonzero(dataset.split != "test")
        val = int((dataset.split == "val").sum())
        return Split(train, test, val, groups)
    try:
        train, test = train_test(strata, groups, TEST_FRACTION, generator(seed, "split"))
    except DataError as error:
        raise DataError(f"{error} {ties_told(dataset, duplicates, groups)}".rstrip()) from None
    if is_tied_too_much(dataset, groups):
        logger.warning("more than half of all examples must stay together. %s", ties_told(dataset, duplicates, groups))
    note = f"{len(test):,} of {len(dataset):,} examples are set apart as the test split (seed {seed})"
    return Split(train, test, 0, groups, (note,))
