"""Excel workbooks (Office Open XML): the one sheet that holds rows, its first row that is not blank as the header.

ECMA-376, part 1, chapter 18. Read row by row with the standard library alone. Formulas count as the values that the
program which saved them had found; errors (#N/A, #DIV/0!) are gaps; hidden sheets are left out.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml
from zipfile import BadZipFile, ZipFile

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.plugins import Plugin
from headstart.core.text_content import without_lone_surrogates
from headstart.data.cells import text_of
from headstart.data.columns import Columns
from headstart.data.table_format import TableFormat
from headstart.data.walk import shortened

OLE = b"\xd0\xcf\x11\xe0"  # how .xls files, and workbooks with a password, begin
LARGEST = 1 << 30  # bytes of one unpacked part: a small file must not fill the disk or the memory
DAMAGES = (BadZipFile, KeyError, IndexError, ValueError, Xml.ParseError, zlib.error, EOFError, NotImplementedError)
DAY = 86_400_000  # milliseconds
FIRST_OF_MARCH = 61  # 1900, as a number of days that counts the 29 February before it
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how control characters stand in texts
PLACE = re.compile(r"([A-Z]{1,3})\d+")
ELAPSED = re.compile(r"\[(h+|m+|s+)\]")
UNSHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')  # parts of a number format that show no part of a date
BUILT_IN = {**dict.fromkeys((14, 15, 16, 17, *range(27, 37), *range(50, 59)), "d"), **dict.fromkeys((18, 19), "h")} | {
    **dict.fromkeys((20, 21, 45, 47), "h"), 22: "dh", 46: "[h]",
}  # fmt: skip


@dataclass(frozen=True)
class Workbook:
    """What the cells of all sheets refer to.

    Attributes:
        sheets: ``(name, part)`` of each sheet that is shown.
        texts: Shared ones.
        formats: Of each style, the number format's code, or a short one that means the same.
        is_1904: Whether days count from 1904, as on old Macintoshes.
    """

    sheets: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    formats: tuple[str, ...]
    is_1904: bool


def batches(path: Path, size: int, encoding: str) -> Iterator[Columns]:
    """Texts, bools, ints, floats, dates and times. Raises DataError, with the row, where a row leaves the header."""
    with path.open("rb") as stream:
        if stream.read(len(OLE)) == OLE:
            raise DataError(
                f"{path} must be an .xlsx workbook without a password; it is locked, or an old .xls file. Save it "
                "again as .xlsx."
            )
    try:
        with ZipFile(path) as archive:
            book = _workbook(archive)
            part = _sheet_with_rows(path, archive, book)
            if part:
                yield from _columns(path, _rows(archive, part, book), size)
    except DAMAGES as error:
        raise DataError(f"{path} must be an .xlsx workbook; it cannot be read ({error}). Save it again.") from None


def _columns(path: Path, rows: Iterator[tuple[int, dict[int, Any]]], size: int) -> Iterator[Columns]:
    _, header = next(rows)
    first, last = min(header), max(header)
    names = [(text_of(header.get(at)) or f"column {at + 1}").strip() for at in range(first, last + 1)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{path} must name each column once; repeated: {shortened(repeated)}. Rename them.")
    held: list[list[Any]] = []
    for number, cells in rows:
        if outside := [at for at in cells if not first <= at <= last]:
            raise DataError(
                f"{path} must have a name in its header for every value; row {number} has one in column "
                f"{outside[0] + 1}, which has none. Name the column, or delete what is beside the table."
            )
        held.append([cells.get(at) for at in range(first, last + 1)])
        if len(held) == size:
            yield dict(zip(names, map(list, zip(*held, strict=True)), strict=True))
            held = []
    if held:
        yield dict(zip(names, map(list, zip(*held, strict=True)), strict=True))


def _workbook(archive: ZipFile) -> Workbook:
    main = dict(_related(archive, "").values())["officeDocument"]
    related = _related(archive, main)
    parts = dict(related.values())  # texts and styles are there once at most
    top = _parsed(archive, main)
    sheets = []
    for sheet in _all(top, "sheet"):
        kind, part = related[{_local(key): value for key, value in sheet.attrib.items()}["id"]]
        if kind == "worksheet" and sheet.get("state", "visible") == "visible":
            sheets.append((sheet.get("name", ""), part))
    strings = _all(_parsed(archive, parts["sharedStrings"]), "si") if "sharedStrings" in parts else []
    return Workbook(
        tuple(sheets),
        tuple(map(_text, strings)),
        _formats(_parsed(archive, parts["styles"])) if "styles" in parts else (),
        any(each.get("date1904") in ("1", "true") for each in _all(top, "workbookPr")),
    )


def _related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Kind and name of each part that a part refers to, by the id of the reference."""
    folder, name = posixpath.split(part)
    found = {}
    for each in _all(_parsed(archive, posixpath.join(folder, "_rels", f"{name}.rels")), "Relationship"):
        target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        found[each.get("Id", "")] = (each.get("Type", "").rpartition("/")[2], target)
    return found


def _sheet_with_rows(path: Path, archive: ZipFile, book: Workbook) -> str:
    """The part of the one sheet that holds something; "" where none does."""
    filled = [(name, part) for name, part in book.sheets if next(_rows(archive, part, book), None)]
    if len(filled) > 1:
        names = shortened([repr(name) for name, _ in filled])
        raise DataError(f"{path} must hold its rows in one sheet; several hold some: {names}. Hide the other sheets.")
    return filled[0][1] if filled else ""


def _rows(archive: ZipFile, part: str, book: Workbook) -> Iterator[tuple[int, dict[int, Any]]]:
    """Number, from 1, and values by column, from 0, of each row that is not blank."""
    number, rows = 0, None
    with archive.open(_checked(archive, part)) as stream:
        for event, element in Xml.iterparse(stream, ("start", "end")):
            name = _local(element.tag)
            if event == "start" and name == "sheetData":
                rows = element
            elif event == "end" and name == "row" and rows is not None:
                number = int(element.get("r", number + 1))
                if cells := _cells(element, book):
                    yield number, cells
                rows.clear()  # else every row that was read stays in memory


def _cells(row: Xml.Element, book: Workbook) -> dict[int, Any]:
    found, at = {}, -1
    for cell in row:
        place = PLACE.fullmatch(cell.get("r", ""))
        at = _column(place[1]) if place else at + 1
        value = _value(cell, book)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            found[at] = value
    return found


def _column(letters: str) -> int:
    """From 0.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Xml.Element, book: Workbook) -> Any:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    text = next((each.text for each in cell if _local(each.tag) == "v"), None)
    if text is None or kind == "e":
        return None
    if kind == "s":
        return book.texts[int(text)]
    if kind == "str":
        return _plain(text)
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "d":
        return datetime.fromisoformat(text)
    style = int(cell.get("s", 0))
    return value_of(float(text), book.formats[style] if style < len(book.formats) else "", is_1904=book.is_1904)


def value_of(number: float, code: str, *, is_1904: bool = False) -> int | float | date | time | timedelta:
    """What a number means by the format in which it is shown.

    Args:
        number: Days from the end of 1899 (where they are days), which counts a 29 February 1900 that never was.
        code: A number format, as in ``yyyy-mm-dd``.
        is_1904: Days count from 1 January 1904.

    >>> value_of(3.0, ""), value_of(0.25, "0%"), value_of(45658.0, "d/m/yy"), value_of(45658.5, "d/m/yy h:mm")
    (3, 0.25, datetime.date(2025, 1, 1), datetime.datetime(2025, 1, 1, 12, 0))
    >>> value_of(0.75, "h:mm"), value_of(1.5, "[h]:mm"), value_of(59.0, "d/m/yy")
    (datetime.time(18, 0), datetime.timedelta(days=1, seconds=43200), datetime.date(1900, 2, 28))
    """
    code = code.lower().partition(";")[0]
    shown = set("ymdhs") & set(UNSHOWN.sub("", code))
    is_elapsed = ELAPSED.search(code) is not None
    if shown or is_elapsed:
        try:
            passed = timedelta(milliseconds=round(number * DAY))
            first = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 31 if number < FIRST_OF_MARCH else 30)
            return passed if is_elapsed else _shown(first + passed, shown, is_time=number < 1)
        except OverflowError:  # no date: spreadsheets show such a number as a row of #
            pass
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _shown(moment: datetime, shown: set[str], *, is_time: bool) -> date | time:
    """A date where no time is shown, a time where no date is and it is before the first one; else both."""
    if not shown & {"h", "s"}:
        return moment.date()
    return moment.time() if is_time and not shown & {"y", "d"} else moment


def _formats(styles: Xml.Element) -> tuple[str, ...]:
    own = {int(each.get("numFmtId", -1)): each.get("formatCode", "") for each in _all(styles, "numFmt")}
    used = [int(each.get("numFmtId", 0)) for group in _all(styles, "cellXfs") for each in group]
    return tuple(own.get(number, BUILT_IN.get(number, "")) for number in used)


def _text(element: Xml.Element) -> str:
    """All runs of a text; how it is pronounced (rPh) is no part of it."""
    if _local(element.tag) == "t":
        return _plain(element.text or "")
    return "".join(_text(each) for each in element if _local(each.tag) in ("t", "r", "is"))


def _plain(text: str) -> str:
    return without_lone_surrogates(ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _parsed(archive: ZipFile, part: str) -> Xml.Element:
    with archive.open(_checked(archive, part)) as stream:
        return Xml.parse(stream).getroot()


def _checked(archive: ZipFile, part: str) -> str:
    size = archive.getinfo(part).file_size
    if size > LARGEST:
        raise ValueError(f"{part} would unpack to {size:,} bytes, more than {LARGEST:,}")
    return part


def _all(top: Xml.Element, name: str) -> list[Xml.Element]:
    return [each for each in top.iter() if _local(each.tag) == name]


def _local(name: str) -> str:
    """Without the namespace, which differs between the two dialects of the standard."""
    return name.rpartition("}")[2]


def build(config: Config) -> TableFormat:
    """The format."""
    return TableFormat(batches)


PLUGIN = Plugin(build=build, paper="ECMA-376")
