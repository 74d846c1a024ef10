"""Predictions as rows: Parquet, CSV, JSON lines or a workbook, in parts, the file appearing whole at the end."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import headstart
from headstart.bundle.prediction_workbook import require_openpyxl, workbook
from headstart.core.errors import ConfigError
from headstart.core.files import atomic

if TYPE_CHECKING:
    from headstart.postprocessing.answers import Answers
    from headstart.postprocessing.postprocessing import Type

Row = Mapping[str, Any]
Write = Callable[[Sequence[Row]], None]
METADATA = {"schema": "1", "headstart_version": headstart.__version__}


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns as a Parquet file, atomically; its metadata hold the schema version."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table(dict(columns)).replace_schema_metadata(METADATA)
    with atomic(path) as stream:
        pyarrow.parquet.write_table(table, stream)


def check_format(out: Path) -> None:
    """Raise ConfigError unless the file's ending names a format, MissingExtraError where its package is missing."""
    if out.suffix not in FORMATS:
        raise ConfigError(
            f"--out must end in one of {sorted(FORMATS)}; got {out.name!r}. Rename it, for example p.csv."
        )
    if out.suffix == ".xlsx":
        require_openpyxl()


@contextlib.contextmanager
def prediction_writer(out: Path | None, columns: Mapping[str, Type]) -> Iterator[Write]:
    """A function that takes rows, any number of times.

    Args:
        out: The file, by its ending; None: CSV on stdout.
        columns: Types by name, in order, see :func:`columns_of`.
    """
    if out is None:
        yield _csv(sys.stdout.buffer, list(columns))
        sys.stdout.flush()
        return
    check_format(out)
    with atomic(out) as stream, FORMATS[out.suffix](stream, columns) as write:
        yield write


def columns_of(answers: Answers) -> dict[str, Type]:
    """Types of the columns of a row of predictions by name, in order."""
    return {"id": "text", **answers.columns, "error": "text"}


def _csv(stream: BinaryIO, names: Sequence[str]) -> Write:
    def write(rows: Sequence[Row]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        if is_first:
            writer.writeheader()
            is_first.clear()
        writer.writerows({name: _word(value) for name, value in row.items()} for row in rows)
        stream.write(text.getvalue().encode("utf-8"))

    is_first = [True]
    return write


def _word(value: Any) -> Any:
    """Flags as in JSON."""
    return str(value).lower() if isinstance(value, bool) else value


@contextlib.contextmanager
def _csv_file(stream: BinaryIO, columns: Mapping[str, Type]) -> Iterator[Write]:
    yield _csv(stream, list(columns))


@contextlib.contextmanager
def _json_lines(stream: BinaryIO, columns: Mapping[str, Type]) -> Iterator[Write]:
    def write(rows: Sequence[Row]) -> None:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    yield write


@contextlib.contextmanager
def _parquet(stream: BinaryIO, columns: Mapping[str, Type]) -> Iterator[Write]:
    import pyarrow
    import pyarrow.parquet

    types = {"text": pyarrow.string(), "number": pyarrow.float64(), "flag": pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[each]) for name, each in columns.items()], METADATA)
    with pyarrow.parquet.ParquetWriter(stream, schema) as writer:
        yield lambda rows: writer.write_table(pyarrow.Table.from_pylist(list(rows), schema))


FORMATS = {".csv": _csv_file, ".jsonl": _json_lines, ".parquet": _parquet, ".xlsx": workbook}
