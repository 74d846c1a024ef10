"""The rows that a training learns from, those that it is judged on, and those kept apart from both."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headstart.core.errors import DataError
from headstart.core.learning import Ints
from headstart.core.seeding import generator

if TYPE_CHECKING:
    from headstart.solving.work import Solved

VAL_FRACTION = 0.2
APART_FROM = 200  # validation rows from which on half of them take no part in choosing


class TrainingRows(NamedTuple):
    """Positions in the training part, each ascending; together all N.

    Attributes:
        train: Learned from.
        val: Judged on: the epoch, the temperature and the choice come from them.
        apart: Seen by nobody before the choice, so that probabilities can be calibrated on them; none where there are
            too few.
    """

    train: Ints
    val: Ints
    apart: Ints


def validation_rows(solved: Solved, seed: int) -> TrainingRows:
    """The given val, else 20 % of the training part; half of them apart where they are 200 or more.

    Raises:
        DataError: nothing can be set apart, since each stratum has one group only.
    """
    from headstart.data.splits import train_test

    parts, strata = solved.parts, solved.learning.strata
    given = parts.train.split == "val"
    if given.any() and not given.all():
        train, val = np.flatnonzero(~given), np.flatnonzero(given)
    else:
        train, val = train_test(strata, parts.groups, VAL_FRACTION, generator(seed, "validation"))
    if len(val) < APART_FROM:
        return TrainingRows(train, val, val[:0])
    try:
        judged, apart = train_test(strata[val], parts.groups[val], 0.5, generator(seed, "apart"))
    except DataError:  # they are one group
        return TrainingRows(train, val, val[:0])
    return TrainingRows(train, val[judged], val[apart])
