"""Rows of tables to predict for, in batches: where an example has several inputs, or plain columns."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.schema import InputSchema
from headstart.data import objects, tables
from headstart.data.columns import Columns
from headstart.data.paths import source_name
from headstart.data.sheet import Sheet, sheet_of
from headstart.data.table_format import ENDINGS

STDIN = "-"
HERE = Path(".")


def sheets_of(
    sources: Sequence[Any], schema: InputSchema, input: Any, lines: Iterable[str], size: int
) -> Iterator[tuple[Sheet, InputSchema]]:
    """Batches of at most ``size`` rows, each with the schema under the names that its columns have there.

    Raises:
        DataError: a source is no table, or lacks a column.
    """
    for place, source in enumerate(sources):
        start = 0
        for columns, base in batches_of(source, place, lines, size, texts_of(schema)):
            renamed = _renamed(schema, columns, input, source_name(source))
            sheet = sheet_of(columns, base, source_name(source))
            n = len(sheet)
            yield replace(sheet, ids=tuple(map(str, range(start, start + n)))), renamed
            start += n


def texts_of(schema: InputSchema) -> tuple[str, ...]:
    """Columns of examples that are texts only: such a row may come as a tuple of texts, in this order."""
    if schema.columns or any(part.modality != "text" for part in schema.parts):
        return ()
    return tuple(name for part in schema.parts for name in part.columns)


def batches_of(
    source: Any, place: int, lines: Iterable[str], size: int, texts: Sequence[str] = ()
) -> Iterator[tuple[Columns, Path]]:
    """Columns of one table in batches, with the folder that paths in them are relative to.

    ``texts`` are the columns of a row that comes as a tuple, or as a JSON array on a line.
    """
    if texts and isinstance(source, tuple | list) and len(source) == len(texts):
        yield {name: [value] for name, value in zip(texts, source, strict=True)}, HERE
    elif isinstance(source, Mapping) and not objects.is_hub_dict(source):
        yield {str(name): [value] for name, value in source.items()}, HERE
    elif objects.is_frame(source):
        columns = objects.columns_of_frame(source)
        n = len(next(iter(columns.values()), ()))
        for start in range(0, n, size):
            yield {name: values[start : start + size] for name, values in columns.items()}, HERE
    elif isinstance(source, str | os.PathLike) and os.fspath(source) == STDIN:
        yield from ((columns, HERE) for columns in _of_lines(lines, size, texts))
    elif isinstance(source, str | os.PathLike) and tables.is_table(Path(source)):
        if not os.path.exists(source):
            raise DataError(
                f"a table to predict for must exist; there is no {source_name(source)}. Check the spelling."
            )
        yield from ((columns, Path(source).parent) for columns in tables.batches(Path(source), size))
    else:
        came = f"{source_name(source)!r} is none" if isinstance(source, str | os.PathLike) else type(source).__name__
        raise DataError(
            f"examples of several columns must come as a table ({', '.join(sorted(ENDINGS))}), a DataFrame or a "
            f"dict of one row; number {place}: {came}."
        )


def require_column(name: str, columns: Iterable[str], where: str) -> None:
    """Raise DataError where a table lacks a column that the model was fitted on."""
    if name not in set(columns):
        raise DataError(
            f"{where} must hold every input column that the model was fitted on; it lacks {name!r}. "
            + choice_message("A column", name, columns)
        )


def _renamed(schema: InputSchema, columns: Columns, input: Any, where: str) -> InputSchema:
    """The schema with the names that ``input`` gives to the columns of its parts, in order."""
    if input:
        names = [input] if isinstance(input, str) else list(input)
        if len(names) == 1 and names[0] not in columns:
            names = [name.strip() for name in names[0].split(",")]
        plain = {column.name for column in schema.columns}
        wanted = [name for part in schema.parts for name in part.columns]
        given = [name for name in names if name not in plain]
        if len(given) not in (0, len(wanted)):
            raise ConfigError(f"input must name {len(wanted)} columns, those of {wanted}; it names {given}.")
        for name in names:
            if name not in columns:
                raise ConfigError(choice_message("input", name, columns))
        new = dict(zip(wanted, given, strict=False))
        parts = tuple(
            part.model_copy(update={"columns": tuple(new.get(name, name) for name in part.columns)})
            for part in schema.parts
        )
        schema = InputSchema(parts=parts, columns=schema.columns)
    for name in (*(name for part in schema.parts for name in part.columns), *(each.name for each in schema.columns)):
        require_column(name, columns, where)
    return schema


def _of_lines(lines: Iterable[str], size: int, texts: Sequence[str]) -> Iterator[Columns]:
    stream = iter(lines)
    start = 0
    while batch := list(islice(stream, size)):
        rows = [_row(line, start + offset + 1, texts) for offset, line in enumerate(batch) if line.strip()]
        start += len(batch)
        names = dict.fromkeys(name for row in rows for name in row)
        if rows:
            yield {name: [row.get(name) for row in rows] for name in names}


def _row(line: str, number: int, texts: Sequence[str]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"each line must be a row as a JSON object; line {number} is not ({error}).") from None
    if texts and isinstance(row, list) and len(row) == len(texts):
        return dict(zip(texts, row, strict=True))
    if not isinstance(row, dict):
        raise DataError(f"each line must be a row as a JSON object; line {number} is a {type(row).__name__}.")
    return row
