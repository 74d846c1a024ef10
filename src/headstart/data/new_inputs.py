"""Inputs to predict for, one by one: where an example is one input, or one pair of texts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.core.schema import PartSchema
from headstart.core.text_content import decoded
from headstart.data import objects, tables
from headstart.data.candidates import candidates
from headstart.data.cells import is_blank, is_path_like
from headstart.data.columns import Columns
from headstart.data.infer import inferred
from headstart.data.inputs import encoded, printable
from headstart.data.new_rows import STDIN, batches_of, require_column
from headstart.data.paths import folder_of, ids_of, located, object_kind, source_name
from headstart.data.sheet import sheet_of
from headstart.data.table_format import ENDINGS
from headstart.data.text_inputs import bytes_of_pair, written
from headstart.data.walk import TEXTS, Walk, inputs

ROWS_TO_TRY = 1000  # of a table whose column of files is looked for


@dataclass(frozen=True)
class Literal:
    """A text, or the two texts of a pair, given as it is; cells of a table."""

    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Items:
    """Inputs of one chunk: literals, paths, encoded inputs."""

    modality: str
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def read(self, i: int) -> bytes:
        """Bytes of one; raises OSError or DataError where it is bad."""
        value = self.values[i]
        if isinstance(value, Literal):
            if len(value.cells) == 2:
                return bytes_of_pair(*value.cells)
            if text := written(value.cells[0]):
                return text.encode("utf-8")
            raise DataError("an empty text")
        if is_blank(value):
            raise DataError("no input in this row")
        content = encoded(value)
        return decoded(content).encode("utf-8", "replace") if self.modality == "text" else content

    def name(self, i: int) -> str:
        """The path where there is one, else the place."""
        value = self.values[i]
        return printable(os.fspath(value)) if is_path_like(value) else str(i)


def items_of(
    sources: Sequence[Any], part: PartSchema, input: Any, lines: Iterable[str], size: int
) -> Iterator[tuple[Any, str]]:
    """``(value, name)`` of every input of every source, in order; see ``read_unlabeled``."""
    for place, source in enumerate(sources):
        if isinstance(source, str | os.PathLike):
            yield from _of_path(os.fspath(source), place, part, input, lines, size)
        elif isinstance(source, Mapping) and object_kind(source) is None or objects.is_frame(source):
            yield from _of_table(source, place, part, input, size)
        elif object_kind(source):
            yield source, str(place)
        elif part.modality == "text" and isinstance(source, tuple | list) and len(source) == max(len(part.columns), 1):
            yield Literal(tuple(source)), str(place)
        else:
            raise DataError(
                "an input must be a path, bytes, a Pillow image, an array, a text, a DataFrame or a dict of one row; "
                f"number {place} is a {type(source).__name__}."
            )


def _of_path(
    path: str, place: int, part: PartSchema, input: Any, lines: Iterable[str], size: int
) -> Iterator[tuple[Any, str]]:
    if path == STDIN:
        yield from _of_lines(lines, part)
    elif os.path.isdir(path):
        for found in inputs(path, Walk(), part.modality):
            yield found, printable(found)
    elif tables.is_table(Path(path)) and os.path.exists(path):
        yield from _of_table(path, place, part, input, size)
    elif part.modality == "text" and not os.path.exists(path) and not _looks_like_path(path):
        yield Literal((path,)), str(place)
    else:
        yield path, printable(path)


def _of_lines(lines: Iterable[str], part: PartSchema) -> Iterator[tuple[Any, str]]:
    for number, line in enumerate(lines):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        if part.modality != "text":
            yield text, printable(text)
        elif len(part.columns) == 2:
            yield Literal(_pair(text, number + 1)), str(number)
        else:
            yield Literal((text,)), str(number)


def _of_table(source: Any, place: int, part: PartSchema, input: Any, size: int) -> Iterator[tuple[Any, str]]:
    names: tuple[str, ...] = ()
    folder: Path | None = None
    start = 0
    for columns, base in batches_of(source, place, (), size):
        if not names:
            names = _names(part, columns, base, input, source_name(source))
            folder = folder_of(columns[names[0]], base) if len(names) == 1 else None
        values = columns[names[0]]
        if part.modality == "text" and folder is None:
            for row, cells in enumerate(zip(*(columns[name] for name in names), strict=True), start=start):
                yield Literal(cells), str(row)
        else:
            for row, (value, name) in enumerate(zip(values, ids_of(values), strict=True)):
                yield located(value, folder or base), name if name != str(row) else str(start + row)
        start += len(values)


def _names(part: PartSchema, columns: Columns, base: Path, input: Any, where: str) -> tuple[str, ...]:
    """Columns that hold the input: as named, else as in the schema, else the one that holds files of the kind."""
    if input:
        names = (input,) if isinstance(input, str) else tuple(input)
        if len(names) == 1 and names[0] not in columns:
            names = tuple(name.strip() for name in names[0].split(","))
        for name in names:
            if name not in columns:
                raise ConfigError(choice_message("input", name, columns))
        if len(names) != max(len(part.columns), 1):
            raise ConfigError(f"input must name {max(len(part.columns), 1)} columns; it names {list(names)}.")
        return names
    if part.columns and (part.modality == "text" or part.columns[0] in columns):
        for name in part.columns:
            require_column(name, columns, where)
        return part.columns
    sheet = sheet_of({name: values[:ROWS_TO_TRY] for name, values in columns.items()}, base, where)
    found = inferred(candidates(sheet, (None,) * len(sheet), ()), part.modality)
    return found.schema.parts[0].columns


def _pair(line: str, number: int) -> tuple[str, str]:
    try:
        values = json.loads(line)
    except json.JSONDecodeError:
        values = None
    if not (isinstance(values, list) and len(values) == 2 and all(isinstance(value, str) for value in values)):
        raise DataError(f'each line must be a pair of texts as JSON, ["first", "second"]; line {number} is not.')
    return values[0], values[1]


def _looks_like_path(text: str) -> bool:
    """Whether a text that names nothing was meant to: it ends like a file of texts or a table, or is a bare path."""
    if "\n" in text or len(text) > 4096:
        return False
    is_bare = os.sep in text and not any(character.isspace() for character in text)
    return os.path.splitext(text)[1].lower() in TEXTS | ENDINGS or is_bare
