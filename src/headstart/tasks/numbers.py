"""Which targets are numbers that measure something, and which are codes of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.tasks.written import as_name, meant_number, number, some

FEW_VALUES = 20  # numbers with at most this many distinct values are taken for classes
HANDFUL = 10  # or with more than this many, of which hardly any comes twice
MOSTLY = 0.9  # share of distinct values that are numbers from which on a column is one of numbers, with slips


def are_measured(names: Sequence[str]) -> bool:
    """Whether texts are numbers of a quantity, or nearly all are: then the others are slips of the pen.

    With more than 20 distinct values they are, unless they are the codes 0..K-1, each twice or more on average. With
    11 to 20 they are where hardly any value comes twice. ``3,5`` and ``1,234.5`` count as numbers that
    were written otherwise.

    Args:
        names: ``N`` targets.
    """
    distinct = set(names)
    values = [value for name in distinct if (value := number(name)) is not None]
    numeric = len(values) + sum(1 for name in distinct if meant_number(name))
    if numeric < MOSTLY * len(distinct) or len(distinct) <= HANDFUL:
        return False
    if len(distinct) <= FEW_VALUES:
        return len(distinct) > len(names) / 2
    are_codes = sorted(values) == list(range(len(distinct))) and len(names) >= 2 * len(distinct)
    return not are_codes


def as_numbers(values: Iterable[Any]) -> NDArray[np.float64]:
    """``(N,)`` float64, finite.

    Raises:
        DataError: a value is no number; the message names it, and what it may have been meant to be.
    """
    names = [as_name(value) for value in values]
    found = [number(name) for name in names]
    if wrong := list(dict.fromkeys(name for name, value in zip(names, found, strict=True) if value is None)):
        rows = sum(value is None for value in found)
        first = next(row for row, value in enumerate(found) if value is None)
        raise DataError(
            f"every target must be a number, with a point for decimals; {rows} of {len(names)} are not: {some(wrong)}, "
            f"the first is number {first + 1}.{_meant(wrong[0])} Correct or remove these rows, or take the targets as "
            "names with --task classification."
        )
    return np.array(found, dtype=np.float64)


def number_within(name: str) -> float | None:
    """The one number in a name such as "3 stars"; None where there is none, or several.

    >>> [number_within(text) for text in ("3 stars", "BI-RADS 4", "1 of 5", "good", "-2")]
    [3.0, 4.0, None, None, -2.0]
    """
    if (value := number(name)) is not None:
        return value
    found = re.findall(r"\d+(?:\.\d+)?", name, re.ASCII)
    return float(found[0]) if len(found) == 1 else None


def _meant(text: str) -> str:
    number_meant = meant_number(text)
    return f" Is {text!r} meant to be {number_meant}?" if number_meant else ""
