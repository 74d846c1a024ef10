"""Plain columns of N examples: numbers, categories, dates, booleans, with gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.schema import ColumnKind, Spelling


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        kind: "number": float64, NaN where missing. "date": float64 seconds since 1970 in UTC, NaN where missing.
            "boolean": float64 0 or 1, NaN where missing. "category": objects, str in Unicode NFC or None.
        values: ``(N,)``.
        spelling: How its text was read, so that new text is read in the same way.
    """

    kind: ColumnKind
    values: NDArray[Any]
    spelling: Spelling = ""

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[Any]) -> Column:
        """Some rows: an index array ``(n,)`` or a boolean mask ``(N,)``."""
        return Column(self.kind, self.values[rows], self.spelling)


@dataclass(frozen=True)
class Table:
    """Columns by name, in the order of the source; all of the same length N, which may be 0."""

    columns: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({len(column) for column in self.columns.values()}) > 1:
            lengths = {name: len(column) for name, column in self.columns.items()}
            raise ShapeError(f"columns must be of one length; got {lengths}.")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def take(self, rows: NDArray[Any]) -> Table:
        """Some rows, an index array ``(n,)``, in that order, or a boolean mask ``(N,)``."""
        return Table({name: column.take(rows) for name, column in self.columns.items()})

    def row_bytes(self, row: int) -> bytes:
        """Canonical JSON of one row: equal rows have equal bytes."""
        values = {name: _plain(column.values[row]) for name, column in self.columns.items()}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def joined(tables: Sequence[Table]) -> Table:
    """Rows of several tables of the same columns, one after another; at least one table."""
    return Table(
        {
            name: Column(column.kind, np.concatenate([each.columns[name].values for each in tables]), column.spelling)
            for name, column in tables[0].columns.items()
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    return value
