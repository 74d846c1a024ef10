"""Table files as columns of Python values: .csv .tsv .jsonl .parquet .feather."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError, choice_message
from headstart.data.arrow_rows import arrow_batches
from headstart.data.columns import Columns
from headstart.data.csv_rows import csv_batches
from headstart.data.encoding import Encoding, encoding_of
from headstart.data.jsonl_rows import jsonl_batches, jsonl_names
from headstart.data.listing import SPLITS, split_name
from headstart.data.walk import TABLES, entries

BATCH = 4096  # rows
SEPARATED = (".csv", ".tsv")
SHARED_VALUES = 1024  # different values of a column that are held once each


@dataclass(frozen=True)
class Loaded:
    """A whole table.

    Attributes:
        columns: By name, in file order.
        notes: What people should know about how it was read (its encoding); may be empty.
    """

    columns: Columns
    notes: tuple[str, ...]


def is_table(path: Path) -> bool:
    """Whether the ending says so."""
    return path.suffix.lower() in TABLES


def split_tables(root: Path) -> dict[str, Path]:
    """``train.* [val.*] [test.*]`` in a folder; empty where there is no train table."""
    found: dict[str, Path] = {}
    for name in entries(root)[1]:
        path = root / name
        split = split_name(path.stem) if is_table(path) else None
        if split in found:
            raise DataError(
                f"{root} must hold one table per split; both {found[split].name} and {name} are {split!r}. "
                "Move one of them away."
            )
        if split is not None:
            found[split] = path
    return {split: found[split] for split in SPLITS if split in found} if "train" in found else {}


def tables_in(root: Path) -> list[Path]:
    """All table files directly in a folder."""
    return [root / name for name in entries(root)[1] if is_table(root / name)]


def load(path: Path) -> Columns:
    """All columns of a table, by name, in file order.

    Raises:
        DataError: unknown ending, rows that do not fit the header (with the line), or a damaged file.
    """
    return load_with_notes(path).columns


def load_with_notes(path: Path) -> Loaded:
    """The same, with what people should know about how it was read."""
    encoding = _encoding(path)
    columns: dict[str, list[Any]] = {}
    shared: dict[str, dict[str, str]] = {}
    for batch in _batches(path, BATCH, encoding):
        for name, values in batch.items():
            columns.setdefault(name, []).extend(_shared(values, shared.setdefault(name, {})))
    return Loaded(dict(columns), (encoding.note,) if encoding.note else ())


def batches(path: Path, size: int = BATCH) -> Iterator[Columns]:
    """The same columns, ``size`` rows at a time; memory does not grow with the number of rows.

    Every batch has all columns. The file is read once before the first batch where its encoding, or the keys of a
    .jsonl, must be known.
    """
    yield from _batches(path, size, _encoding(path))


def column_names(path: Path) -> list[str]:
    """Names of the columns, in file order, without loading them."""
    return list(next(batches(path, 1)))


def _encoding(path: Path) -> Encoding:
    ending = path.suffix.lower()
    if ending not in TABLES:
        raise DataError(choice_message("the ending of a table", path.suffix, TABLES))
    return encoding_of(path) if ending in (*SEPARATED, ".jsonl") else Encoding("")


def _batches(path: Path, size: int, encoding: Encoding) -> Iterator[Columns]:
    ending = path.suffix.lower()
    is_empty = True
    found: Iterator[Columns]
    if ending in SEPARATED:
        found = _of_rows(path, encoding.name, size)
    elif ending == ".jsonl":
        found = _of_records(path, encoding.name, size)
    else:
        found = arrow_batches(path, size)
    try:
        for columns in found:
            if columns:
                is_empty = False
                yield columns
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} must be {error.encoding.upper()} text, as its first bytes say; it is not ({error.reason}). "
            "Save it again as UTF-8."
        ) from None
    if is_empty:
        raise DataError(f"{path} must hold a header and at least one row; it has none.")


def _of_rows(path: Path, encoding: str, size: int) -> Iterator[Columns]:
    for names, rows in csv_batches(path, encoding, size):
        yield dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _of_records(path: Path, encoding: str, size: int) -> Iterator[Columns]:
    names = jsonl_names(path, encoding)
    for records in jsonl_batches(path, encoding, size):
        yield {name: [record.get(name) for record in records] for name in names}


def _shared(values: Any, known: dict[str, str]) -> list[Any]:
    """The same values, equal short texts as one object: a million class names take the room of one each."""
    if len(known) >= SHARED_VALUES:
        return list(values)
    return [known.setdefault(value, value) if type(value) is str else value for value in values]
