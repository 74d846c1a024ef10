"""One more column of examples without targets: of tables, or of ``metadata.*`` in a folder of files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, choice_message
from headstart.core.schema import InputSchema
from headstart.data import tables
from headstart.data.metadata import rows_by_file
from headstart.data.new_rows import batches_of, texts_of
from headstart.data.paths import source_name
from headstart.data.walk import Walk, inputs

CHUNK = 1024


def column_of(sources: Sequence[Any], column: str, option: str, schema: InputSchema) -> list[Any]:
    """Cells in the order in which ``read_unlabeled`` gives the examples of these sources; None where there is none.

    Args:
        sources: As ``read_unlabeled`` takes them.
        column: Its name.
        option: That names the column, for errors.
        schema: Of the model.

    Raises:
        ConfigError: there is no such column (the message names those there are), or no table at all.
        DataError: a table cannot be read.
    """
    found: list[Any] = []
    for place, source in enumerate(sources):
        if isinstance(source, str | os.PathLike) and os.path.isdir(source):
            found += _beside(Path(source), column, option, schema)
        elif _has_columns(source):
            for columns, _ in batches_of(source, place, (), CHUNK, texts_of(schema)):
                found += _cells(columns, column, option)
        else:
            raise ConfigError(
                f"--{option} names a column of a table, or of metadata.csv in a folder; {source_name(source)} has "
                f"none. Give a table, or leave --{option} out."
            )
    return found


def _beside(folder: Path, column: str, option: str, schema: InputSchema) -> list[Any]:
    """By file of a folder, from the table in it."""
    table = rows_by_file(folder)
    if table is None:
        raise ConfigError(
            f"--{option} names a column of a table; {folder} has no metadata.csv with the columns file and {column}. "
            f"Write one, or leave --{option} out."
        )
    columns, row_of = table
    values = _cells(columns, column, option)
    modality = schema.parts[0].modality if schema.parts else None
    names = (Path(each).relative_to(folder).as_posix() for each in inputs(os.fspath(folder), Walk(), modality))
    return [values[row_of[name]] if name in row_of else None for name in names]


def _has_columns(source: Any) -> bool:
    from headstart.data import objects

    if isinstance(source, str | os.PathLike):
        return tables.is_table(Path(source)) and os.path.exists(source)
    return objects.is_frame(source)


def _cells(columns: Any, column: str, option: str) -> Sequence[Any]:
    if column not in columns:
        raise ConfigError(choice_message(option, column, _names(columns)))
    return list(columns[column])


def _names(columns: Iterable[str]) -> list[str]:
    return sorted(map(str, columns))
