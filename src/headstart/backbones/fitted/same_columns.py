"""The columns of a later table must be those that were fitted on."""

from __future__ import annotations

from headstart.core.errors import DataError, choice_message
from headstart.core.table import Column, Table


def same_column(table: Table, name: str, kind: str) -> Column:
    """The column ``name`` of ``table``; raises DataError where there is none, or it is of another kind."""
    column = table.columns.get(name)
    if column is None:
        raise DataError(
            f"the table must have the column {name!r} that the model learned from. "
            f"{choice_message('a column', name, table.columns)}"
        )
    if column.kind != kind:
        raise DataError(f"the column {name!r} must be a {kind}, as in training; it is a {column.kind} here.")
    return column
