"""What puts grades in order: the number in each name, or school letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from headstart.tasks.numbers import number_within

LETTER = re.compile(r"\s*([A-Ga-g])\s*([+-]?)\s*")  # of school grades, the best first
SIGN = {"+": -1 / 3, "": 0.0, "-": 1 / 3}  # B+ is better than B, B- worse; thirds, as grade points have them


def are_letter_grades(names: Iterable[str]) -> bool:
    """Whether all are letters from A to G, with or without a sign, and more than two differ."""
    distinct = set(names)
    return len(distinct) > 2 and all(map(LETTER.fullmatch, distinct))


def grade_numbers(names: Sequence[str]) -> dict[str, float | None]:
    """What orders them.

    >>> grade_numbers(["B-", "B", "F", "D"])  # F follows D where nothing is called E
    {'B-': 2.3333333333333335, 'B': 2.0, 'F': 5.0, 'D': 4.0}
    >>> grade_numbers(["2", "3 stars", "B"])
    {'2': 2.0, '3 stars': 3.0, 'B': None}
    """
    found = {name: LETTER.fullmatch(name) for name in names}
    if not all(found.values()):
        return {name: number_within(name) for name in names}
    letters = "ABCDEFG" if any(name.strip()[0] in "Ee" for name in names) else "ABCDFG"
    return {name: letters.index(match[1].upper()) + 1 + SIGN[match[2]] for name, match in found.items() if match}
