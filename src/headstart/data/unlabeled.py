"""What to predict for: files, folders, tables, texts, lines; streamed, bad ones kept in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from headstart.core.errors import DataError
from headstart.core.schema import InputSchema, PartSchema
from headstart.core.table import Table
from headstart.data.examples import part_inputs, table_of
from headstart.data.inputs import Inputs
from headstart.data.modalities import modality
from headstart.data.new_inputs import Items, items_of
from headstart.data.new_rows import sheets_of
from headstart.data.paths import ids_of, source_name
from headstart.data.sheet import Sheet
from headstart.data.text_inputs import BLANK

CHUNK = 1024


@dataclass(frozen=True)
class LazyPart:
    """N inputs of one modality, not opened yet: reading one that is bad raises, the others go on."""

    schema: PartSchema
    inputs: Inputs

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def modality(self) -> str:
        """A file of ``data/modalities``."""
        return self.schema.modality


@dataclass(frozen=True)
class Unlabeled:
    """Some examples of a stream.

    Attributes:
        parts: As the schema has them.
        table: Plain columns, as the schema has them; what could not be read as its kind is missing.
        ids: N names, as the user would write them; not necessarily unique.
        notes: What people should know about these rows.
    """

    parts: tuple[LazyPart, ...]
    table: Table
    ids: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def read_unlabeled(
    sources: Sequence[Any],
    *,
    schema: InputSchema,
    input: str | Sequence[str] | None = None,
    lines: Iterable[str] = (),
    chunk_size: int = CHUNK,
) -> Iterator[Unlabeled]:
    """Stream examples in the order given, at most ``chunk_size`` at a time; memory does not grow with their number.

    Args:
        sources: Where the model has one input per example: paths of files, folders (all files of the kind below) and
            tables; "-" for ``lines``; bytes, Pillow images, arrays; texts, where texts are the input. DataFrames.
            Where it has several, or plain columns: tables, DataFrames, and dicts by column name for single rows.
        schema: What the model was fitted on.
        input: Columns that hold the inputs in tables, where they are called otherwise than in the schema.
        lines: For example ``sys.stdin``: one path or one text per line; a pair of texts, or a row of a table, as JSON.
        chunk_size: Most examples per chunk.

    Raises:
        DataError: there is no input at all, a table cannot be read or lacks a column. A path that does not exist is an
            input that cannot be read, not an error here.
    """
    is_single = len(schema.parts) == 1 and not schema.columns
    chunks = _of_inputs if is_single else _of_rows
    is_empty = True
    for chunk in chunks(sources, schema, input, lines, chunk_size):
        is_empty = False
        yield chunk
    if is_empty:
        noun = modality(schema.modality).noun if is_single else "row"
        listed = ", ".join(map(source_name, sources)) or "nothing"
        raise DataError(f"predict needs at least one {noun}; {listed} holds none. Name files, a folder or a table.")


def _of_inputs(
    sources: Sequence[Any], schema: InputSchema, input: Any, lines: Iterable[str], chunk_size: int
) -> Iterator[Unlabeled]:
    (part,) = schema.parts
    stream = items_of(sources, part, input, lines, chunk_size)
    while chunk := list(islice(stream, chunk_size)):
        inputs = Items(part.modality, [value for value, _ in chunk])
        yield Unlabeled((LazyPart(part, inputs),), Table(), tuple(name for _, name in chunk))


def _of_rows(
    sources: Sequence[Any], schema: InputSchema, input: Any, lines: Iterable[str], chunk_size: int
) -> Iterator[Unlabeled]:
    for sheet, read_as in sheets_of(sources, schema, input, lines, chunk_size):
        table, notes = table_of(sheet.columns, read_as.columns)
        parts = tuple(
            LazyPart(part, part_inputs(sheet, here, BLANK))
            for part, here in zip(schema.parts, read_as.parts, strict=True)
        )
        yield Unlabeled(parts, table, _ids(sheet, read_as), tuple(notes))


def _ids(sheet: Sheet, schema: InputSchema) -> tuple[str, ...]:
    """Paths where the first part is files, else row numbers."""
    first = schema.parts[0] if schema.parts else None
    is_files = first is not None and first.modality != "text" and first.columns[0] in sheet.columns
    named = ids_of(sheet.columns[first.columns[0]]) if first and is_files else sheet.ids
    return tuple(name if name != str(row) else sheet.ids[row] for row, name in enumerate(named))
