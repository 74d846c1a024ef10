"""The rows that a training learns from, and those that it is judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.core.learning import Ints
from headstart.core.seeding import generator

if TYPE_CHECKING:
    from headstart.solving.work import Solved

VAL_FRACTION = 0.2


def validation_rows(solved: Solved, seed: int) -> tuple[Ints, Ints]:
    """Positions in the training part that are trained on, and that are validated on: the given val, else 20 %.

    Returns:
        ``(N - V,)`` and ``(V,)``, each ascending; together all N.

    Raises:
        DataError: nothing can be set apart, since each stratum has one group only.
    """
    from headstart.data.splits import train_test

    parts = solved.parts
    given = parts.train.split == "val"
    if given.any() and not given.all():
        return np.flatnonzero(~given), np.flatnonzero(given)
    return train_test(parts.strata, parts.groups, VAL_FRACTION, generator(seed, "validation"))
