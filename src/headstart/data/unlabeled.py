"""Inputs to predict for: files, folders, tables, a list of paths; streamed, bad ones kept in their place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data import objects, tables
from headstart.data.columns import Columns, ids_of, input_column, is_picture_object, located
from headstart.data.inputs import Inputs, Objects, printable
from headstart.data.walk import Walk, pictures

CHUNK = 1024
STDIN = "-"


@dataclass(frozen=True)
class Unlabeled:
    """Some inputs of a stream, not opened yet: reading one that is bad raises, the others go on.

    Attributes:
        inputs: N lazy inputs.
        ids: N names, as the user would write them; not necessarily unique.
    """

    inputs: Inputs
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read_unlabeled(
    sources: Sequence[Any], *, input: str | None = None, lines: Iterable[str] = (), chunk_size: int = CHUNK
) -> Iterator[Unlabeled]:
    """Stream inputs in the order given, ``chunk_size`` at a time; memory does not grow with their number.

    Args:
        sources: Paths of pictures, folders (all pictures below) and tables; "-" for ``lines``; also bytes, Pillow
            images, arrays, and DataFrames.
        input: Column of tables that holds the paths; None: the one whose values are paths that exist.
        lines: One path per line, for example ``sys.stdin``.
        chunk_size: Inputs per chunk; the last may hold fewer.

    Raises:
        DataError: there is no input at all, or a table that cannot be read. A path that does not exist is an input
            that cannot be read, not an error here.
    """
    stream = _values(sources, input, lines)
    is_empty = True
    while chunk := list(islice(stream, chunk_size)):
        is_empty = False
        yield Unlabeled(Objects([value for value, _ in chunk]), tuple(name for _, name in chunk))
    if is_empty:
        raise DataError(
            f"predict needs at least one picture; {', '.join(map(_called, sources)) or 'nothing'} holds none. "
            "Name pictures, a folder or a table."
        )


def _values(sources: Sequence[Any], input: str | None, lines: Iterable[str]) -> Iterator[tuple[Any, str]]:
    for place, source in enumerate(sources):
        if isinstance(source, str | os.PathLike):
            yield from _values_of_path(os.fspath(source), input, lines)
        elif objects.is_frame(source):
            yield from _values_of_columns({str(n): source[n].tolist() for n in source.columns}, Path("."), input)
        elif is_picture_object(source):
            yield source, str(place)
        else:
            raise DataError(
                "an input must be a path, bytes, a Pillow image, an array or a DataFrame; "
                f"number {place} is a {type(source).__name__}."
            )


def _values_of_path(path: str, input: str | None, lines: Iterable[str]) -> Iterator[tuple[Any, str]]:
    if path == STDIN:
        for line in lines:
            if name := line.rstrip("\r\n"):
                yield name, printable(name)
    elif os.path.isdir(path):
        for found in pictures(path, Walk()):
            yield found, printable(found)
    elif tables.is_table(Path(path)) and os.path.exists(path):
        yield from _values_of_columns(tables.load(Path(path)), Path(path).parent, input)
    else:
        yield path, printable(path)


def _values_of_columns(columns: Columns, base: Path, input: str | None) -> Iterator[tuple[Any, str]]:
    values = columns[input_column(columns, base, input, leave_out=None)]
    for value, name in zip(values, ids_of(values), strict=True):
        yield located(value, base), name


def _called(source: Any) -> str:
    return printable(os.fspath(source)) if isinstance(source, str | os.PathLike) else type(source).__name__
