"""``metadata.*`` beside class folders: further columns of the files, by file name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data import tables
from headstart.data.cells import text_of
from headstart.data.columns import Columns
from headstart.data.inputs import printable
from headstart.data.listing import Listing
from headstart.data.targets import target_texts

METADATA = "metadata"
FILE_COLUMNS = ("file", "file_name")


def with_metadata(folder: Path, listing: Listing, target: str | None) -> Listing:
    """Add the columns of the metadata table in ``folder``, if there is one.

    Args:
        folder: Where the class folders are.
        listing: Their files, with ids relative to ``folder``.
        target: Column that replaces the folders' names as targets; None keeps them.

    Raises:
        DataError: no column "file" or "file_name", or one file in two rows.
        ConfigError: ``target`` is no column of it.
    """
    paths = [path for path in tables.tables_in(folder) if path.stem.lower() == METADATA]
    if not paths:
        if target is not None:
            raise ConfigError(
                f"target names a column of a table; {folder} is a folder of class folders without {METADATA}.csv, so "
                "the folders' names are the classes. Leave --target out."
            )
        return listing
    columns, row_of = _by_file(paths[0])
    file_column = _file_column(columns, paths[0])
    rows = [row_of.get(name) for name in listing.ids]
    named = {
        column: tuple(None if row is None else text_of(values[row]) for row in rows)
        for column, values in columns.items()
        if column not in {file_column, "split", target}
    }
    listing = replace(listing, columns=named, notes=(*listing.notes, _note(paths[0], named, rows)))
    if target is None:
        return listing
    if target not in columns:
        raise ConfigError(choice_message("target", target, columns))
    values = [None if row is None else columns[target][row] for row in rows]
    return replace(listing, targets=target_texts(values, target))


def rows_by_file(folder: Path) -> tuple[Columns, dict[str, int]] | None:
    """The columns of the metadata table in ``folder``, and the row of each file; None where there is no such table.

    Raises:
        DataError: no column "file" or "file_name", or one file in two rows.
    """
    paths = [path for path in tables.tables_in(folder) if path.stem.lower() == METADATA]
    return _by_file(paths[0]) if paths else None


def _by_file(path: Path) -> tuple[Columns, dict[str, int]]:
    columns = tables.load(path)
    row_of: dict[str, int] = {}
    for row, value in enumerate(columns[_file_column(columns, path)]):
        name = printable(str(value)).replace("\\", "/").removeprefix("./")
        if name in row_of:
            raise DataError(f"{path} must have one row per file; {name} has two.")
        row_of[name] = row
    return columns, row_of


def _file_column(columns: Columns, path: Path) -> str:
    for name in columns:
        if name.lower() in FILE_COLUMNS:
            return name
    raise DataError(f"{path} must have a column 'file' or 'file_name'; its columns are {list(columns)}.")


def _note(path: Path, columns: dict[str, tuple[str | None, ...]], rows: list[int | None]) -> str:
    without = rows.count(None)
    text = f"{path.name} adds the columns {', '.join(columns)}"
    return f"{text}; {without} files have no row in it" if without else text
