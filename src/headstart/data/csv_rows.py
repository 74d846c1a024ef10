"""Tables as separated text, row by row: .csv and .tsv, in any encoding of :mod:`headstart.data.encoding`.

As RFC 4180 has it, strictly: a value that holds the separator, a quote or a line break stands in double quotes, and
quotes inside are doubled. What does not fit is an error with its line, never a guess: a row that is silently shifted
by one column costs more than one that is corrected.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from headstart.core.errors import DataError
from headstart.data.walk import shortened

SEPARATORS = (",", ";", "\t", "|")  # the first wins where several split the header into as many columns
SAMPLE_ROWS = 50  # rows that must fit a separator before it is believed
LONGEST_VALUE = 1 << 26  # characters: a quote that is never closed is noticed before it fills the memory
EXCEL_HINT = re.compile(r'^"?sep=(.)"?$')  # the first line with which Excel is told the separator
_limit = threading.Lock()


@dataclass(frozen=True)
class Layout:
    """Where the rows begin and what separates values."""

    separator: str
    lines_before: int  # before the header: a "sep=;" line


def csv_batches(path: Path, encoding: str, size: int) -> Iterator[tuple[list[str], list[list[str]]]]:
    """``(names, rows)`` of up to ``size`` rows at a time; each row has a value per name. Blank lines are passed over.

    Raises:
        DataError: a row with more or fewer values than the header, quotes that are not closed or not alone, a null
            character, a name twice. The message has the number of the line in the file, where a row begins.
    """
    layout = _layout(path, encoding)
    with path.open(encoding=encoding, newline="") as stream:
        rows = _rows(path, stream, layout)
        with _long_values():
            names = _checked_names(path, next(rows, (0, []))[1])
        while batch := _next_rows(path, rows, len(names), size):
            yield names, batch


def _next_rows(path: Path, rows: Iterator[tuple[int, list[str]]], width: int, size: int) -> list[list[str]]:
    with _long_values():
        found = list(islice(rows, size))
    for line, row in found:
        if len(row) != width:
            raise DataError(
                f"{path} must have {width} values in every row; line {line} has {len(row)}. "
                "Put values that contain the separator into double quotes."
            )
    return [row for _, row in found]


def _rows(path: Path, stream: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line, blank ones left out."""
    for _ in range(layout.lines_before):
        stream.readline()
    reader = csv.reader(_without_nulls(path, stream, layout), delimiter=layout.separator, strict=True)
    while True:
        line = reader.line_num + layout.lines_before + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(_quotes(path, line, reader.line_num + layout.lines_before, str(error))) from None
        if row and (len(row) > 1 or row[0].strip() or row[0] == ""):
            yield line, row


@contextmanager
def _long_values() -> Iterator[None]:
    """Values longer than the csv module's 131,072 characters; that is a setting of the whole process, so it is lent."""
    with _limit:
        before = csv.field_size_limit(LONGEST_VALUE)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _quotes(path: Path, line: int, last: int, error: str) -> str:
    where = f"line {line}" if line == last else f"the row from line {line} to {last}"
    if "end of data" in error or "field limit" in error:
        came, todo = f"{where} opens a quote that is never closed", "Close it, or double it if it is part of the text."
    else:
        came = f"{where} has a quote in the middle of a quoted value ({error})"
        todo = "Double quotes inside quoted values."
    return f"{path} must be a table of separated text; {came}. {todo}"


def _without_nulls(path: Path, stream: TextIO, layout: Layout) -> Iterator[str]:
    for number, text in enumerate(stream, start=layout.lines_before + 1):
        if "\0" in text:
            raise DataError(
                f"{path} must be text; line {number} holds a null character, as damaged files do, and UTF-16 without "
                "its mark. Save the table again as UTF-8."
            )
        yield text


def _checked_names(path: Path, header: list[str]) -> list[str]:
    names = [name.strip() or f"column {place}" for place, name in enumerate(header, start=1)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path} must name each column once; repeated: {shortened(repeated)}. Rename them.")
    return names


def _layout(path: Path, encoding: str) -> Layout:
    """The separator that splits the header into most columns and fits the first rows.

    Where none fits all of them, the one that splits the header into most columns, so that the row that does not fit
    is named. A header without any separator is one column.
    """
    with path.open(encoding=encoding, newline="") as stream:
        hint = EXCEL_HINT.match(stream.readline().rstrip("\r\n"))
    if hint:
        return Layout(hint[1], 1)
    if path.suffix.lower() == ".tsv":
        separators = ("\t", *(one for one in SEPARATORS if one != "\t"))
    else:
        separators = SEPARATORS
    found = [(*_fit(path, encoding, one), -place, one) for place, one in enumerate(separators)]
    return Layout(max(found)[-1], 0)


def _fit(path: Path, encoding: str, separator: str) -> tuple[bool, int]:
    """Whether the first rows fit a header of several columns, and the number of columns."""
    widths: list[int] = []
    with path.open(encoding=encoding, newline="") as stream, _long_values():
        try:
            for _, row in islice(_rows(path, stream, Layout(separator, 0)), SAMPLE_ROWS):
                widths.append(len(row))
        except DataError:
            widths.append(0)
    columns = widths[0] if widths else 0
    return columns > 1 and set(widths) == {columns}, columns
