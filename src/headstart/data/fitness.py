"""Which plain columns are no use as inputs: empty, constant, identifiers."""

from __future__ import annotations

import re

import numpy as np

from headstart.core.table import Column
from headstart.data.column_kinds import Look

EMPTY = 0.95  # share of cells without a value from which on a column is left out
ROWS = 20  # rows from which on different values everywhere are no accident
EACH_DIFFERENT = 0.9  # share of different values among texts from which on they are codes of rows
DENSE = 2  # a counter's range is at most this many times its rows (a part of its rows may be elsewhere)
ID_NAME = re.compile(r"(^|[^a-z])(id|ids|udi|uid|uuid|guid|index|idx|key|row|nr|no|number|#)($|[^a-z])", re.IGNORECASE)
ID_ENDING = re.compile(r"[a-z](ID|Id|No|Nr)$")  # customerID


def unfit(name: str, look: Look, column: Column | None) -> str:
    """Why a column is left out where nobody named it, a clause; "" when it can be used.

    Args:
        name: Of the column.
        look: At the rows that are learned from.
        column: The same rows, read; None where they hold lists or objects.
    """
    if look.kind is None or column is None:
        return "holds lists or objects"
    if not look.present:
        return "is empty"
    if look.n - look.present > EMPTY * look.n:
        return f"is empty in {(1 - look.present / look.n) * 100:.0f} % of the rows"
    if look.distinct == 1 and look.present == look.n and look.n > 1:
        return f"is always {_short(column)}"
    if look.kind == "category" and look.present >= ROWS and look.distinct >= EACH_DIFFERENT * look.present:
        return "has another value in nearly every row, like an identifier"
    if look.kind == "number" and _is_identifier(name, column):
        return "numbers the rows, like an identifier"
    return ""


def _is_identifier(name: str, column: Column) -> bool:
    values = column.values[~np.isnan(column.values)]
    if len(values) < ROWS or (values % 1).any() or len(np.unique(values)) < len(values):
        return False
    is_counter = np.ptp(values) + 1 <= DENSE * len(values)
    steps = np.diff(np.sort(values))
    return bool(is_counter or (steps == steps[0]).all() or ID_NAME.search(name) or ID_ENDING.search(name))


def _short(column: Column) -> str:
    value = column.values[0]
    return f"{value:g}" if isinstance(value, float) else repr(value[:40])
