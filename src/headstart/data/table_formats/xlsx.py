"""Excel workbooks (Office Open XML): the one sheet that holds a table, its first row that is not blank as the header.

Read row by row through openpyxl. Formulas count as the values that the program which saved them had found; errors
(#N/A, #DIV/0!) are gaps; a cell that is merged with those below it counts for each of their rows. Left out are hidden
sheets, sheets of one column beside a table, and titles: rows of one text above the header.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from headstart.core.config import Config
from headstart.core.errors import DataError, HeadstartError, MissingExtraError
from headstart.core.plugins import Plugin
from headstart.core.text_content import without_lone_surrogates
from headstart.data.cells import is_blank, text_of
from headstart.data.columns import Columns
from headstart.data.table_format import TableFormat
from headstart.data.walk import shortened

OLE = b"\xd0\xcf\x11\xe0"  # how .xls files, and workbooks with a password, begin
LARGEST = 1 << 30  # bytes of one unpacked part: a small file must not fill the disk or the memory
MOST_ROWS = 1 << 20  # of a sheet, by the standard
MOST_TITLES = 10  # rows of one text above a header
CHUNK = 1 << 18  # bytes of a sheet that are searched for merged cells at once
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,99}?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
LONGEST_MATCH = 200  # bytes
Rows = Iterator[tuple[int, dict[int, Any]]]
UNSHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')  # parts of a number format that show no part of a date
EAST_ASIAN_DATES = frozenset((*range(27, 37), *range(50, 59)))  # built-in formats that openpyxl takes for numbers


def batches(path: Path, size: int, encoding: str) -> Iterator[Columns]:
    """Texts, bools, ints, floats, dates and times. Raises DataError, with the row, where a row leaves the header."""
    with path.open("rb") as stream:
        if stream.read(len(OLE)) == OLE:
            raise DataError(
                f"{path} must be an .xlsx workbook without a password; it is locked, or an old .xls file. Save it "
                "again as .xlsx."
            )
    openpyxl = _openpyxl()
    try:
        with path.open("rb") as stream:
            _check_sizes(stream)
            with _without_its_warnings():
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                if sheet := _sheet_with_rows(path, book):
                    yield from _columns(path, _filled(_rows(sheet), _merged(sheet)), size)
    except (HeadstartError, MemoryError):
        raise
    except Exception as error:  # openpyxl raises anything for damaged parts, from KeyError to TypeError
        words = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
        raise DataError(f"{path} must be an .xlsx workbook; it cannot be read ({words}). Save it again.") from None


def _columns(path: Path, rows: Rows, size: int) -> Iterator[Columns]:
    (above, header), rows = _from_header(rows)
    first, last = min(header), max(header)
    names = [(text_of(header.get(at)) or f"column {at + 1}").strip() for at in range(first, last + 1)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path} must name each column once; repeated: {shortened(repeated)}. Rename them.")
    while found := _next(rows, size):
        for number, cells in found:
            if outside := [at for at in cells if not first <= at <= last]:
                raise DataError(
                    f"{path} must have a name in its header, row {above}, for every value; row {number} has one in "
                    f"column {outside[0] + 1}, which has none. Name the column, or delete what is beside the table or "
                    "above its header."
                )
        yield {name: [cells.get(at) for _, cells in found] for at, name in enumerate(names, first)}


def _from_header(rows: Rows) -> tuple[tuple[int, dict[int, Any]], Rows]:
    """The header and the rows below it: the first row, unless it is a title.

    Titles are up to 10 rows of one text each with two or more texts right below them. No table is lost by that: its
    one column could not hold such a row.
    """
    ahead: list[tuple[int, dict[int, Any]]] = []
    while len(ahead) <= MOST_TITLES and (found := _next(rows, 1)):
        ahead += found
        if len(ahead[-1][1]) > 1:
            break
    last = list(ahead[-1][1].values())
    if len(last) > 1 and all(isinstance(value, str) for value in last):
        return ahead[-1], rows
    return ahead[0], chain(ahead[1:], rows)


def _sheet_with_rows(path: Path, book: Any) -> Any:
    """The one sheet that is shown and holds a table; None where nothing is held."""
    if not book.worksheets:
        raise DataError(
            f"{path} must hold a sheet of cells; none is found. Save it again as 'Excel Workbook', not as 'Strict Open "
            "XML Spreadsheet'."
        )
    filled = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its own size is wrong in some
        if sheet.sheet_state == "visible" and _next(_rows(sheet), 1):
            filled.append(sheet)
    if len(filled) > 1:  # notes in one column are no table
        filled = [sheet for sheet in filled if any(len(cells) > 1 for _, cells in _next(_rows(sheet), 99))] or filled
    if len(filled) > 1:
        names = shortened([repr(sheet.title) for sheet in filled])
        raise DataError(f"{path} must hold its rows in one sheet; several hold some: {names}. Hide the other sheets.")
    return filled[0] if filled else None


def _rows(sheet: Any) -> Rows:
    """Number, from 1, and values by column, from 0, of each row that is not blank."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise ValueError(f"a sheet has more than {MOST_ROWS:,} rows")
        values = {at: _value(cell) for at, cell in enumerate(row) if cell.value is not None}
        if cells := {at: value for at, value in values.items() if not is_blank(value)}:
            yield number, cells


def _filled(rows: Rows, merged: dict[int, dict[int, int]]) -> Rows:
    """The same rows, with the value of a cell that is merged with those below it in each of their rows."""
    reaching: dict[int, tuple[Any, int]] = {}
    for number, cells in rows:
        reaching = {at: (value, last) for at, (value, last) in reaching.items() if number <= last}
        yield number, {at: value for at, (value, _) in reaching.items()} | cells
        reaching |= {at: (cells[at], last) for at, last in merged.get(number, {}).items() if at in cells}


def _merged(sheet: Any) -> dict[int, dict[int, int]]:
    """Of cells that are merged with those below: the last row, by first row (from 1) and first column (from 0).

    They stand behind all rows in the file, and openpyxl leaves them out of what is read row by row.
    """
    from openpyxl.utils.cell import column_index_from_string

    found: dict[int, dict[int, int]] = {}
    with closing(sheet._get_source()) as stream:
        rest = b""
        while piece := stream.read(CHUNK):
            rest += piece
            for column, first, last in MERGED.findall(rest):
                if int(last) > int(first):
                    found.setdefault(int(first), {})[column_index_from_string(column.decode()) - 1] = int(last)
            rest = rest[-LONGEST_MATCH:]  # what is found in it again changes nothing
    return found


def _next(rows: Rows, most: int) -> list[tuple[int, dict[int, Any]]]:
    with _without_its_warnings():
        return list(islice(rows, most))


def _value(cell: Any) -> Any:
    """Of a cell that holds something; None where that is an error."""
    value, epoch = cell.value, cell.parent.parent.epoch
    if cell.data_type == "e":
        return None
    if isinstance(value, str):
        from openpyxl.utils.escape import unescape

        return without_lone_surrogates(unescape(value))
    if cell.data_type == "d":
        return _as_shown(value, cell.number_format, epoch)
    if cell.data_type == "n" and cell.has_style and cell.style_array.numFmtId in EAST_ASIAN_DATES:
        from openpyxl.utils.datetime import from_excel

        return _as_shown(from_excel(value, epoch), "y", epoch)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _as_shown(moment: Any, code: str, epoch: datetime) -> Any:
    """A date where a number format shows no time, a moment where it shows a day; openpyxl goes by the number alone.

    >>> first = datetime(1899, 12, 30)
    >>> _as_shown(datetime(2025, 1, 1), "d/m/yy", first), _as_shown(time(12), "h:mm", first)
    (datetime.date(2025, 1, 1), datetime.time(12, 0))
    """
    shown = set(UNSHOWN.sub("", code.lower().partition(";")[0]))
    if isinstance(moment, time) and shown & set("yd"):
        moment = datetime.combine(epoch, moment)
    return moment.date() if isinstance(moment, datetime) and shown & set("ymd") and not shown & set("hs") else moment


def _check_sizes(stream: Any) -> None:
    with ZipFile(stream) as archive:
        for part in archive.infolist():
            if part.file_size > LARGEST:
                raise ValueError(f"{part.filename} would unpack to {part.file_size:,} bytes, more than {LARGEST:,}")
    stream.seek(0)


@contextmanager
def _without_its_warnings() -> Iterator[None]:
    """Of what openpyxl leaves out (styles, drawings, lists of allowed values), nothing is part of a table."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        yield


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("openpyxl", "excel", "reading .xlsx workbooks") from None
    return openpyxl


def build(config: Config) -> TableFormat:
    """The format."""
    return TableFormat(batches)


PLUGIN = Plugin(build=build, paper="ECMA-376")
