"""The levels of a category column: which are known, and in what orders."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

DIGITS = re.compile(r"(\d+)")


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sorts "A9" before "A10": runs of digits compare as numbers.

    >>> sorted(["A10", "A9", "B1"], key=natural_key)
    ['A9', 'A10', 'B1']
    """
    parts = DIGITS.split(text)
    return [(0, int(part), "") if index % 2 else (1, 0, part) for index, part in enumerate(parts)]


def frequent_levels(values: Iterable[str | None], at_most: int, least_rows: int) -> list[str]:
    """Levels of at least ``least_rows`` rows, the most frequent first and equally frequent ones in natural order."""
    counts: dict[str, int] = {}
    for value in values:
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    known = [level for level, count in counts.items() if count >= least_rows]
    return sorted(known, key=lambda level: (-counts[level], natural_key(level), level))[:at_most]


def level_codes(values: Iterable[str | None], levels: list[str]) -> NDArray[np.int64]:
    """``(N,)`` place of each value in ``levels``: -1 for one that is not among them, -2 for one that is missing."""
    position = {level: code for code, level in enumerate(levels)}
    return np.array([-2 if value is None else position.get(value, -1) for value in values], np.int64)
