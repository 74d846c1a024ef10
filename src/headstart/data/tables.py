"""Table files as columns of Python values, by whichever reader of ``table_formats/`` their ending names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data.columns import Columns
from headstart.data.encoding import Encoding, encoding_of
from headstart.data.listing import SPLITS, split_name
from headstart.data.table_format import ENDINGS, format_of
from headstart.data.walk import entries

BATCH = 4096  # rows
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
    return path.suffix.lower() in ENDINGS


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
    is_text = format_of(path).is_text
    if not path.exists() or path.is_dir():
        what = "a folder" if path.is_dir() else "a link to nothing" if path.is_symlink() else "not there"
        raise DataError(f"a table must be a file; {path} is {what}. Put the file in its place, or name another one.")
    return encoding_of(path) if is_text else Encoding("")


def _batches(path: Path, size: int, encoding: Encoding) -> Iterator[Columns]:
    is_empty = True
    try:
        for columns in format_of(path).batches(path, size, encoding.name):
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


def _shared(values: Any, known: dict[str, str]) -> list[Any]:
    """The same values, equal short texts as one object: a million class names take the room of one each."""
    if len(known) >= SHARED_VALUES:
        return list(values)
    return [known.setdefault(value, value) if type(value) is str else value for value in values]
