"""One cell of a table, whatever library it came from, as text or as missing."""

from __future__ import annotations

import math
from typing import Any

MISSING_TYPES = frozenset(("NAType", "NaTType"))  # pandas' own marks; compared by name, pandas is never imported


def text_of(value: Any) -> str | None:
    """The text of a cell; None where nothing is there (None, NaN, pandas' NA, blank text).

    Whole numbers lose a ".0": a column of integers with a gap is a column of floats in pandas.

    >>> [text_of(v) for v in (1.0, 0.5, True, "", None, float("nan"))]
    ['1', '0.5', 'True', None, None, None]
    """
    if value is None or type(value).__name__ in MISSING_TYPES:
        return None
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # NumPy scalars
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value)
    return text if text.strip() else None
