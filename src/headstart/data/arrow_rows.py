"""Tables in the Arrow family, batch by batch: .parquet and .feather."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data.columns import Columns
from headstart.data.walk import shortened

PANDAS_INDEX = re.compile(r"__index_level_\d+__")  # row numbers that pandas writes beside the columns


def arrow_names(path: Path) -> list[str]:
    """Names of the columns."""
    import pyarrow as arrow

    try:
        if path.suffix.lower() == ".parquet":
            import pyarrow.parquet as parquet

            with parquet.ParquetFile(path) as file:
                names = list(file.schema_arrow.names)
        else:
            names = _feather(path)[0].names
    except (arrow.ArrowException, OSError) as error:
        raise DataError(_unreadable(path, error)) from None
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path} must name each column once; repeated: {shortened(repeated)}. Rename them.")
    return names


def arrow_batches(path: Path, size: int) -> Iterator[Columns]:
    """Columns of up to ``size`` rows at a time, as Python values.

    Lists and structs become lists and dicts, categories their values, decimals floats, times with a zone UTC; times
    finer than a microsecond are cut off there, as far as Python's own go. The row numbers of pandas are left out.

    Raises:
        DataError: the file is damaged, or holds what is not a value of Python.
    """
    import pyarrow as arrow

    names = arrow_names(path)
    try:
        for batch in _record_batches(path, size):
            for start in range(0, batch.num_rows, size):
                piece = batch.slice(start, size)
                yield {
                    name: _values(path, name, piece.column(i))
                    for i, name in enumerate(names)
                    if not PANDAS_INDEX.fullmatch(name)
                }
    except (arrow.ArrowException, OSError) as error:
        raise DataError(_unreadable(path, error)) from None


def _record_batches(path: Path, size: int) -> Iterator[Any]:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as parquet

        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=size)
    else:
        yield from _feather(path)[1]


def _feather(path: Path) -> tuple[Any, Iterator[Any]]:
    """The schema and the record batches, one in memory at a time; the old version 1 of the format at once."""
    import pyarrow as arrow
    from pyarrow import feather, ipc

    try:
        reader = ipc.open_file(arrow.memory_map(str(path)))
    except arrow.ArrowInvalid:
        table = feather.read_table(path, memory_map=False)
        return table.schema, iter(table.to_batches())
    return reader.schema, (reader.get_batch(i) for i in range(reader.num_record_batches))


def _values(path: Path, name: str, column: Any) -> list[Any]:
    import pyarrow as arrow

    try:
        values: list[Any] = _plain(column).to_pylist()
    except (ValueError, TypeError, KeyError, UnicodeDecodeError, arrow.ArrowException) as error:
        raise DataError(f"{path}: the column {name!r} must hold values that Python knows; {error}.") from None
    return values


def _plain(column: Any) -> Any:
    """The column in a type whose values are Python's own."""
    import pyarrow as arrow
    from pyarrow import compute, types

    kind = column.type
    if types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if types.is_timestamp(kind):
        return compute.cast(column, arrow.timestamp("us", "UTC" if kind.tz else None), safe=False)
    if types.is_duration(kind):
        return compute.cast(column, arrow.duration("us"), safe=False)
    if types.is_time(kind):
        return compute.cast(column, arrow.time64("us"), safe=False)
    if types.is_decimal(kind) or types.is_float16(kind):
        return compute.cast(column, arrow.float64(), safe=False)
    return column


def _unreadable(path: Path, error: Exception) -> str:
    return f"{path} must be a {path.suffix[1:].lower()} file; it cannot be read ({error})."
