"""Predictions as rows: Parquet, CSV or JSON lines, streamed in parts, the file appearing whole at the end."""

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
from headstart.core.errors import ConfigError
from headstart.core.files import atomic

if TYPE_CHECKING:
    from headstart.core.learning import Task

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
    """Raise ConfigError unless the file's ending names a format."""
    if out.suffix not in FORMATS:
        raise ConfigError(
            f"--out must end in one of {sorted(FORMATS)}; got {out.name!r}. Rename it, for example p.csv."
        )


@contextlib.contextmanager
def prediction_writer(out: Path | None, names: Sequence[str], numbers: frozenset[str]) -> Iterator[Write]:
    """A function that takes rows, any number of times.

    Args:
        out: The file, by its ending; None: CSV on stdout.
        names: Of the columns, see :func:`columns_of`.
        numbers: Those that hold numbers; the others hold text.
    """
    if out is None:
        yield _csv(sys.stdout.buffer, names)
        sys.stdout.flush()
        return
    check_format(out)
    with atomic(out) as stream, FORMATS[out.suffix](stream, names, numbers) as write:
        yield write


def columns_of(task: Task) -> list[str]:
    """Columns of a row of predictions, in order."""
    return ["id", *task.prediction_columns, "error"]


def number_columns(task: Task) -> frozenset[str]:
    """Those that hold numbers: all that a task adds, and the prediction itself where targets are numbers."""
    text = set() if task.kind == "real" else {"prediction"}
    return frozenset(task.prediction_columns) - text


def _csv(stream: BinaryIO, names: Sequence[str]) -> Write:
    def write(rows: Sequence[Row]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        if is_first:
            writer.writeheader()
            is_first.clear()
        writer.writerows(rows)
        stream.write(text.getvalue().encode("utf-8"))

    is_first = [True]
    return write


@contextlib.contextmanager
def _csv_file(stream: BinaryIO, names: Sequence[str], numbers: frozenset[str]) -> Iterator[Write]:
    yield _csv(stream, names)


@contextlib.contextmanager
def _json_lines(stream: BinaryIO, names: Sequence[str], numbers: frozenset[str]) -> Iterator[Write]:
    def write(rows: Sequence[Row]) -> None:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    yield write


@contextlib.contextmanager
def _parquet(stream: BinaryIO, names: Sequence[str], numbers: frozenset[str]) -> Iterator[Write]:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema(
        [(name, pyarrow.float64() if name in numbers else pyarrow.string()) for name in names], METADATA
    )
    with pyarrow.parquet.ParquetWriter(stream, schema) as writer:
        yield lambda rows: writer.write_table(pyarrow.Table.from_pylist(list(rows), schema))


FORMATS = {".csv": _csv_file, ".jsonl": _json_lines, ".parquet": _parquet}
