"""Table files as columns of Python values: .csv .tsv .jsonl .parquet .feather."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, TextIO

from headstart.core.errors import DataError, choice_message
from headstart.data.columns import Columns
from headstart.data.listing import SPLITS, split_name
from headstart.data.walk import TABLES, entries, shortened


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
        DataError: unknown ending, not UTF-8, rows that do not fit the header, or a damaged file.
    """
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _jsonl, ".parquet": _parquet, ".feather": _feather}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(choice_message("the ending of a table", path.suffix, readers))
    try:
        columns = reader(path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} must be UTF-8 text; byte {error.start} is not. Save it again as UTF-8.") from None
    if not columns or not len(next(iter(columns.values()))):
        raise DataError(f"{path} must hold a header and at least one row; it has none.")
    return columns


def _csv(path: Path) -> Columns:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
        separator = "\t" if path.suffix.lower() == ".tsv" else ";" if ";" in first and "," not in first else ","
        stream.seek(0)
        header, rows = _csv_rows(path, stream, separator)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path} must name each column once; repeated: {shortened(repeated)}. Rename them.")
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def _csv_rows(path: Path, stream: TextIO, separator: str) -> tuple[list[str], list[list[str]]]:
    reader = csv.reader(stream, delimiter=separator)
    header: list[str] = []
    rows: list[list[str]] = []
    try:
        for row in reader:
            if not row:
                continue
            if not header:
                header = [name.strip() for name in row]
            elif len(row) == len(header):
                rows.append(row)
            else:
                raise DataError(
                    f"{path} must have {len(header)} values in every row; line {reader.line_num} has {len(row)}. "
                    "Put values that contain the separator into double quotes."
                )
    except csv.Error as error:
        raise DataError(f"{path} must be a table of text; line {reader.line_num} is not ({error}).") from None
    return header, rows


def _jsonl(path: Path) -> Columns:
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path} must hold one JSON object per line; line {number} is none ({error}).") from None
        if not isinstance(record, dict):
            raise DataError(f"{path} must hold one JSON object per line; line {number} is a {type(record).__name__}.")
        records.append(record)
    names = list(dict.fromkeys(name for record in records for name in record))
    return {name: [record.get(name) for record in records] for name in names}


def _parquet(path: Path) -> Columns:
    import pyarrow.parquet as parquet

    return _arrow(path, lambda: parquet.read_table(path, partitioning=None))


def _feather(path: Path) -> Columns:
    import pyarrow.feather as feather

    return _arrow(path, lambda: feather.read_table(path))


def _arrow(path: Path, read: Any) -> Columns:
    import pyarrow as arrow

    try:
        table = read()
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path} must be a {path.suffix[1:]} file; it cannot be read ({error}).") from None
    return {name: table.column(name).to_pylist() for name in table.column_names}
