"""One cell of a table, whatever library it came from: as text, or as missing."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from typing import Any

MISSING_TYPES = frozenset(("NAType", "NaTType"))  # pandas' own marks; compared by name, pandas is never imported


def is_missing(value: Any) -> bool:
    """Nothing is there: None, NaN, pandas' NA and NaT. An empty text is a text."""
    if value is None or type(value).__name__ in MISSING_TYPES:
        return True
    return isinstance(value, float) and math.isnan(value)


def text_of(value: Any) -> str | None:
    """The text of a cell; None where nothing is there (None, NaN, pandas' NA, blank text).

    Whole numbers lose a ".0": a column of integers with a gap is a column of floats in pandas.

    >>> [text_of(v) for v in (1.0, 0.5, True, "", None, float("nan"))]
    ['1', '0.5', 'True', None, None, None]
    """
    if isinstance(value, str):
        return value if value.strip() else None
    value = plain(value)
    if is_missing(value):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value)
    return text if text.strip() else None


def plain(value: Any) -> Any:
    """A NumPy scalar as the Python value it holds; anything else as it is."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    return value


def is_blank(value: Any) -> bool:
    """Nothing is there, or text of white space only."""
    return not value.strip() if isinstance(value, str) else is_missing(value)


def is_path_like(value: Any) -> bool:
    """Text, or a path object."""
    return isinstance(value, str | os.PathLike)


def names_in(value: Any) -> list[str] | None:
    """The names in a cell that holds several: a list, tuple, set or one-dimensional array; None for any other.

    Blank ones are left out.
    """
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:
        value = value.tolist()
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    return [text for each in value if (text := text_of(each)) is not None]


def evenly_spread(n: int, most: int) -> Sequence[int]:
    """At most ``most`` of the rows 0..n-1, at equal distances.

    >>> list(evenly_spread(10, 4))
    [0, 3, 6, 9]
    """
    return range(0, n, max(1, -(-n // most)))


def label_list(names: Sequence[str]) -> str:
    """Names as one target: a JSON list of the distinct names, sorted by code point.

    >>> label_list(["b", "a", "b"])
    '["a","b"]'
    """
    return json.dumps(sorted(set(names)), ensure_ascii=False, separators=(",", ":"))
