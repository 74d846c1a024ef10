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
SPACE_BEFORE_QUOTE = re.compile(r'\s+".*"\s*$', re.DOTALL)
_limit = threading.Lock()


@dataclass(frozen=True)
class Layout:
    """Where the rows begin and what separates values."""

    separator: str
    lines_before: int = 0  # before the header: a "sep=;" line
    skips_spaces: bool = False  # the space in '"a", "b"', which would make the second quote a part of the value


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
            names = _checked_names(path, next((row for _, row in rows if not _is_blank(row)), []))
        while batch := _next_rows(path, rows, len(names), size):
            yield names, batch


def _next_rows(path: Path, rows: Iterator[tuple[int, list[str]]], width: int, size: int) -> list[list[str]]:
    batch: list[list[str]] = []
    with _long_values():
        for line, row in rows:
            if len(row) == width:
                batch.append(row)
            elif not _is_blank(row):
                raise DataError(
                    f"{path} must have as many values in every row as its header has names, {width}; line {line} has "
                    f"{len(row)}. Put values that contain the separator into double quotes."
                )
            if len(batch) == size:
                break
    return batch


def _is_blank(row: list[str]) -> bool:
    """A line of white space; in a table of one column it is a value."""
    return len(row) == 1 and not row[0].strip()


def _rows(path: Path, stream: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line, empty lines left out."""
    for _ in range(layout.lines_before):
        stream.readline()
    reader = csv.reader(
        _without_nulls(path, stream, layout),
        delimiter=layout.separator,
        skipinitialspace=layout.skips_spaces,
        strict=True,
    )
    while True:
        line = reader.line_num + layout.lines_before + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(_quotes(path, line, reader.line_num + layout.lines_before, str(error))) from None
        if row:
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
        return Layout(hint[1], lines_before=1)
    if path.suffix.lower() == ".tsv":
        separators = ("\t", *(one for one in SEPARATORS if one != "\t"))
    else:
        separators = SEPARATORS
    spaced = [any(SPACE_BEFORE_QUOTE.match(name) for name in _header(path, encoding, one)) for one in separators]
    layouts = [Layout(one, skips_spaces=is_spaced) for one, is_spaced in zip(separators, spaced, strict=True)]
    return max(layouts, key=lambda layout: _fit(path, encoding, layout))  # the first of those that fit as well


def _header(path: Path, encoding: str, separator: str) -> list[str]:
    return next(iter(_first_rows(path, encoding, Layout(separator))), [])


def _fit(path: Path, encoding: str, layout: Layout) -> tuple[bool, int]:
    """Whether the first rows fit a header of several columns, and the number of columns."""
    widths = [len(row) for row in _first_rows(path, encoding, layout)]
    columns = widths[0] if widths else 0
    return columns > 1 and set(widths) == {columns}, columns


def _first_rows(path: Path, encoding: str, layout: Layout) -> list[list[str]]:
    """The first rows that are not blank; a row that cannot be read is empty, and the last."""
    found: list[list[str]] = []
    with path.open(encoding=encoding, newline="") as stream, _long_values():
        try:
            for _, row in islice(_rows(path, stream, layout), SAMPLE_ROWS):
                if not _is_blank(row):
                    found.append(row)
        except DataError:
            found.append([])
    return found
