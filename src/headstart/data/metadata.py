"""``metadata.*`` beside class folders: further columns of the files, by file name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data import tables
from headstart.data.cells import text_of
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
    columns = tables.load(paths[0])
    file_column = next((name for name in columns if name.lower() in FILE_COLUMNS), None)
    if file_column is None:
        raise DataError(f"{paths[0]} must have a column 'file' or 'file_name'; its columns are {list(columns)}.")
    row_of: dict[str, int] = {}
    for row, value in enumerate(columns[file_column]):
        name = printable(str(value)).replace("\\", "/").removeprefix("./")
        if name in row_of:
            raise DataError(f"{paths[0]} must have one row per file; {name} has two.")
        row_of[name] = row
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


def _note(path: Path, columns: dict[str, tuple[str | None, ...]], rows: list[int | None]) -> str:
    without = rows.count(None)
    text = f"{path.name} adds the columns {', '.join(columns)}"
    return f"{text}; {without} files have no row in it" if without else text
