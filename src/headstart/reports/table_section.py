"""A section that is one table."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True)
class TableSection:
    """A section with a table.

    Attributes:
        id: Of the section.
        title: A question.
        read: How to read it.
        titles: Of the columns.
        rows: Cells; the first names the row.
        numbers: Places of columns with figures.
        empty: Said where there are no rows.
        says: A sentence above the table.
    """

    id: str
    title: str
    read: str
    titles: Row
    rows: tuple[Row, ...]
    numbers: tuple[int, ...]
    empty: str = ""
    says: str = ""
