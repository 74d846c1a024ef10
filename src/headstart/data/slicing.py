"""Columns to report by: as they are, or in ranges where they are numbers of many values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headstart.data.column_kinds import look_at, typed

MOST = 12  # different numbers up to which each is a slice of its own
RANGES = 4  # of about as many rows each


def slices_of(columns: Mapping[str, NDArray[np.object_]]) -> tuple[dict[str, NDArray[np.object_]], list[str]]:
    """Slices by column, ``(N,)`` objects of str or None each, and notes about those that became ranges.

    >>> found, _ = slices_of({"age": np.asarray([str(age) for age in range(20, 60)], dtype=object)})
    >>> sorted(set(found["age"]))
    ['20 to 29', '30 to 39', '40 to 49', '50 to 59']
    """
    result: dict[str, NDArray[np.object_]] = {}
    notes = []
    for name, values in columns.items():
        look = look_at(values.tolist())
        result[name] = values
        if look.kind == "number" and look.distinct > MOST:
            result[name] = _ranges(typed(values.tolist(), "number", look.spelling)[0].values)
            notes.append(f"{name!r} is reported in {RANGES} ranges of about as many rows each")
    return result, notes


def _ranges(numbers: NDArray[np.float64]) -> NDArray[np.object_]:
    known = ~np.isnan(numbers)
    edges = np.quantile(numbers[known], np.linspace(0, 1, RANGES + 1)[1:-1], method="lower")
    codes = np.searchsorted(np.unique(edges), numbers, side="left")
    names = np.full(len(numbers), None, dtype=object)
    for code in np.unique(codes[known]):
        rows = known & (codes == code)
        names[rows] = f"{numbers[rows].min():g} to {numbers[rows].max():g}"
    return names
