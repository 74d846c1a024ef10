"""Which of several domains each of a run's examples comes from, as a column names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError

if TYPE_CHECKING:
    from headstart.data.dataset import LabeledDataset

UNNAMED = "(none)"  # of rows whose cell is empty
MOST = 100  # domains: with more there are few rows in each, and the column is likely to name rows


def origins_of(dataset: LabeledDataset, column: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """``(n,)`` number of each example's domain, and their names in that order.

    Raises:
        DataError: the column names one domain alone, or more than MOST.
    """
    said = [UNNAMED if value is None else str(value) for value in dataset.slices[column]]
    names, numbers = np.unique(np.array(said, dtype=object), return_inverse=True)
    if not 2 <= len(names) <= MOST:
        came = f"one value alone, {names[0]!r}" if len(names) == 1 else f"{len(names):,} different values"
        raise DataError(
            f"--sources must name a column with the domain that each example of the run is of, 2 to {MOST} different "
            f"ones; {column!r} has {came}. Name another column, or leave --sources out."
        )
    return numbers.astype(np.int64), tuple(map(str, names))
