"""Workbooks as openpyxl writes them, and, where it does not write such, with parts in place of its own."""

from __future__ import annotations

import string
import sys
import tracemalloc
import warnings
from datetime import date, datetime, time, timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart

from headstart.core.errors import DataError, MissingExtraError
from headstart.data.read import read
from headstart.data.table_formats import xlsx
from headstart.data.tables import batches, column_names, load

SHARED = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, TEXTS, TYPES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
STYLES, BOOK = "xl/styles.xml", "xl/workbook.xml"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.xlsx"


def workbook(path, *sheets, names=None, states=None):
    """``sheets`` are the rows of each, as lists; a pair is a value and its number format."""
    book = Workbook()
    book.remove(book.active)
    for n, rows in enumerate(sheets):
        sheet = book.create_sheet((names or "STUVW")[n])
        sheet.sheet_state = states[n] if states else "visible"
        for down, row in enumerate(rows, 1):
            for across, value in enumerate(row, 1):
                cell = sheet.cell(down, across)
                cell.value, code = value if isinstance(value, tuple) else (value, None)
                cell.number_format = code or cell.number_format
    book.save(path)
    return path


def replaced(path, changes):
    """With other parts; ``changes`` says what becomes of the content of each."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts.get(name, b""))
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def by_hand(path, rows, *, texts=(), before="", after=""):
    """One sheet of rows as XML, and shared texts."""
    sheet = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    listed = f'<Override PartName="/{TEXTS}" ContentType="{SHARED}"/></Types>'
    changes = {
        SHEET: lambda _: sheet.encode(),
        TEXTS: lambda _: f'<sst xmlns="{MAIN}">{"".join(texts)}</sst>'.encode(),
        TYPES: lambda content: content.replace(b"</Types>", listed.encode()),
    }
    return replaced(workbook(path, []), changes)


def inline(*values):
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values) + "</row>"


def small(path):
    """With every part that is read."""
    row = '<row><c t="s"><v>1</v></c><c s="0"><v>2.5</v></c></row>'
    texts = [f"<si><t>{text}</t></si>" for text in ("text", "x")]
    return by_hand(
        path, '<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>label</t></is></c></row>' + row, texts=texts
    )


HEAD = ["text", "label"]


def test_texts_numbers_and_gaps(path):
    rows = [HEAD, ["a & b", 1], [], ["  ", 2.5], [None, 3.0]]
    assert load(workbook(path, rows)) == {"text": ["a & b", None, None], "label": [1, 2.5, 3]}
    assert [type(value) for value in load(path)["label"]] == [int, float, int]
    assert column_names(path) == ["text", "label"]


def test_names_are_stripped(path):
    assert load(workbook(path, [[" a ", "b\n"], [1, 2]])) == {"a": [1], "b": [2]}


def test_shared_texts_have_runs_and_pronunciations_are_left_out(path):
    texts = [
        "<si><t>text</t></si>",
        "<si><r><t>one </t></r><r><rPr/><t>two</t></r><rPh sb='0' eb='1'><t>wan</t></rPh></si>",
        "<si><t>line_x000D_\nbreak, half a pair _xD83D_</t></si>",
    ]
    rows = "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(3))  # without places: one after another
    assert load(by_hand(path, rows, texts=texts)) == {"text": ["one two", "line\r\nbreak, half a pair \ufffd"]}


def test_bools_formulas_errors_and_dates_as_text(path):
    cells = [
        '<c t="b"><v>1</v></c>',
        '<c t="str"><f>A1&amp;"!"</f><v>hi!</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        '<c t="d"><v>2025-01-01T06:00:00</v></c>',
        "<c><f>1+1</f><v>2</v></c>",
        "<c><f>NOW()</f></c>",
        '<c t="inlineStr"><is><t>#N/A</t></is></c>',  # typed as a text
        "<c><v>1E3</v></c>",
    ]
    found = load(by_hand(path, inline(*"abcdefgh") + f"<row>{''.join(cells)}</row>"))
    expected = [True, "hi!", None, datetime(2025, 1, 1, 6), 2, None, "#N/A", 1000]
    assert found == {name: [value] for name, value in zip("abcdefgh", expected, strict=True)}
    assert type(found["h"][0]) is int


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("General", 45658, 45658),
        ("mm-dd-yy", 45658, date(2025, 1, 1)),  # 125 years of 365 days and 31 leap days after 1899-12-31, and one more
        ("m/d/yy h:mm", 45658.25, datetime(2025, 1, 1, 6)),
        ("m/d/yy h:mm", 45658, datetime(2025, 1, 1)),
        ("DD.MM.YYYY", 45658.25, date(2025, 1, 1)),
        ("h:mm:ss", 0.5, time(12)),
        ("h:mm", 1.5, datetime(1900, 1, 1, 12)),
        ("[h]:mm:ss", 1.25, timedelta(days=1, hours=6)),
        ("[h]:mm:ss", 0.5, timedelta(hours=12)),
        ("yyyy\\-mm\\-dd", 1, date(1900, 1, 1)),
        ("yyyy\\-mm\\-dd", 0, date(1899, 12, 30)),  # what a formula gives that refers to an empty cell
        ("[$-409]d\\-mmm\\-yy;@", 61, date(1900, 3, 1)),
        ("[$-es-ES]d\\ mmm\\ yyyy", 45658, date(2025, 1, 1)),
        ("mmm", 45658, date(2025, 1, 1)),
        ("dd/mm/yyyy hh:mm:ss", 45658.999988426, datetime(2025, 1, 1, 23, 59, 59)),
        ("[Red]0.00", 2.5, 2.5),
        ('0 "days"', 3, 3),
        ("#,##0_);[Red]\\(#,##0\\)", 3, 3),
        ("0.00E+00", 1e300, 1e300),
        ("mm-dd-yy", 1e12, None),  # after the last day there is: shown as a row of #
        ("mm-dd-yy", -1e12, None),
    ],
)
def test_a_number_is_what_its_format_shows(path, code, number, expected):
    rows = [["value", "n"], [(number, code), 1]]
    (value,) = load(workbook(path, rows))["value"]
    assert value == pytest.approx(expected) if isinstance(expected, float) else value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("number", [27, 31, 36, 50, 57, 58])
def test_built_in_date_formats_of_east_asia(path, number):
    workbook(path, [["day"], [(45658, "0.00%")]])
    replaced(path, {STYLES: lambda content: content.replace(b'numFmtId="10"', f'numFmtId="{number}"'.encode())})
    assert load(path) == {"day": [date(2025, 1, 1)]}


def test_days_may_count_from_1904(path):
    workbook(path, [["day"], [(366, "mm-dd-yy")]])
    replaced(path, {BOOK: lambda content: content.replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)})
    assert load(path) == {"day": [date(1905, 1, 1)]}  # 1904 is a leap year


def test_a_table_may_begin_anywhere_and_a_column_without_a_name_gets_its_number(path):
    rows = [[], [], [None, None, "a", None, "b"], [], [None, None, 1, 2, 3], [None, None, None, None, " "]]
    assert load(workbook(path, rows)) == {"a": [1], "column 4": [2], "b": [3]}


def test_titles_above_the_header_are_left_out(path):
    rows = [["Class 8b, test 3"], [], ["November"], [None, "pupil", "grade"], [None, "Anna", 2], [None, "Ben", 3]]
    assert load(workbook(path, rows)) == {"pupil": ["Anna", "Ben"], "grade": [2, 3]}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["a"], [1], [2]], {"a": [1, 2]}),  # one column
        ([["a"], ["x"]], {"a": ["x"]}),
        ([["a"], *[["x"]] * 30], {"a": ["x"] * 30}),
        ([["a", "b"], ["x", "y"]], {"a": ["x"], "b": ["y"]}),
    ],
)
def test_the_first_row_is_the_header_where_nothing_says_otherwise(path, rows, expected):
    assert load(workbook(path, rows)) == expected


@pytest.mark.parametrize("below", [["x", 1], [1, 2], [date(2025, 1, 1), "x"]])
def test_a_row_that_is_not_all_text_is_no_header_below_a_title(path, below):
    with pytest.raises(DataError, match="in its header, row 1, .* row 2 has one in column 2"):
        load(workbook(path, [["a"], below]))


def test_a_cell_merged_with_those_below_counts_for_each_of_their_rows(path):
    book = Workbook()
    sheet = book.active
    for row in [["pupil", "n"], ["Anna", 1], [None, 2], [], [None, 3], ["Ben", 4], [None, 5], [None, 6]]:
        sheet.append(row)
    for cells in ("A2:A5", "A6:A7"):
        sheet.merge_cells(cells)
    book.save(path)
    assert load(path) == {"pupil": ["Anna", "Anna", "Anna", "Ben", "Ben", None], "n": [1, 2, 3, 4, 5, 6]}
    pupils = [pupil for batch in batches(path, 1) for pupil in batch["pupil"]]
    assert pupils == ["Anna", "Anna", "Anna", "Ben", "Ben", None]


def test_cells_merged_with_those_beside_them_only_say_nothing_of_other_rows(path):
    book = Workbook()
    for row in [["a title"], ["a", "b", "c"], ["x", None, 1], ["y", None, 2], [None, "z", 3]]:
        book.active.append(row)
    for cells in ("A1:C1", "A3:B3", "A4:B5"):
        book.active.merge_cells(cells)
    book.save(path)
    assert load(path) == {"a": ["x", "y", "y"], "b": [None, None, None], "c": [1, 2, 3]}  # z is below the merged cell


def test_merged_cells_are_found_wherever_a_piece_of_the_file_ends(path, monkeypatch):
    book = Workbook()
    for row in [["a", "b"], *([number if number % 2 else None, number] for number in range(1, 41))]:
        book.active.append(row)
    for row in range(2, 42, 2):
        book.active.merge_cells(f"A{row}:A{row + 1}")
    book.save(path)
    expected = load(path)
    assert expected["a"] == [number - (number % 2 == 0) for number in range(1, 41)]
    for chunk in (1, 7, 50, 333):
        monkeypatch.setattr(xlsx, "CHUNK", chunk)
        assert load(path) == expected


def test_a_sheet_of_notes_in_one_column_is_left_out_beside_a_table(path):
    notes = [["five points: 1"], ["four points: 2"]]
    workbook(path, notes, [["Class 8b"], HEAD, ["x", "y"]], notes)
    assert load(path) == {"text": ["x"], "label": ["y"]}
    assert load(workbook(path, [["text"], ["x"]])) == {"text": ["x"]}
    with pytest.raises(DataError, match="several hold some: 'S', 'T'"):
        load(workbook(path, notes, notes))


def test_the_size_that_a_sheet_says_it_has_is_not_believed(path):
    rows = inline("a", "b") + inline("x", "y")
    assert load(by_hand(path, rows, before='<dimension ref="A1"/>')) == {"a": ["x"], "b": ["y"]}


def test_hidden_empty_and_chart_sheets_are_left_out(path):
    rows, other = [HEAD, ["x", "y"]], [["lists"]]
    workbook(path, [], other, rows, other, states=["visible", "hidden", "visible", "veryHidden"])
    assert load(path) == {"text": ["x"], "label": ["y"]}
    book = Workbook()
    book.create_chartsheet().add_chart(BarChart())
    for row in rows:
        book.active.append(row)
    book.save(path)
    assert load(path) == {"text": ["x"], "label": ["y"]}


def test_two_sheets_with_rows_are_an_error_that_names_them(path):
    with pytest.raises(DataError, match=r"rows in one sheet; several hold some: 'May', 'June'. Hide the other"):
        load(workbook(path, [HEAD], [HEAD], names=["May", "June"]))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "must hold a header and at least one row"),
        ([HEAD], "must hold a header and at least one row"),
        ([["a", " a"], [1]], "name each column once; repeated: a"),
        ([HEAD, *[[]] * 5, ["x", None, None, "y"]], "row 7 has one in column 4, which has none"),
        ([[None, "a"], [1]], "row 2 has one in column 1"),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_place(path, rows, words):
    with pytest.raises(DataError, match=words):
        load(workbook(path, rows))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row><c t="s"><v>5</v></c></row>', r"must be an \.xlsx workbook; it cannot be read"),
        ("<row><c><v>five</v></c></row>", "cannot be read .*'five'"),
        ("<row><c>", "mismatched tag"),
        (f'<row r="{10**12}"><c><v>1</v></c></row>', "more than 1,048,576 rows"),
    ],
)
def test_damaged_rows_are_refused(path, rows, words):
    with pytest.raises(DataError, match=words):
        load(by_hand(path, inline("a") + rows))


def test_an_old_or_locked_workbook_is_told_apart(path):
    path.write_bytes(xlsx.OLE + b"\0" * 600)
    with pytest.raises(DataError, match=r"without a password; it is locked, or an old \.xls file"):
        load(path)


def test_a_workbook_in_the_strict_dialect_is_told_apart(path):
    def strict(content):
        for name in (b"spreadsheetml", b"officeDocument"):
            content = content.replace(b"schemas.openxmlformats.org/" + name + b"/2006", b"purl.oclc.org/ooxml/" + name)
        return content

    workbook(path, [HEAD, ["x", "y"]])
    replaced(path, dict.fromkeys((SHEET, TEXTS, STYLES, BOOK, "_rels/.rels", "xl/_rels/workbook.xml.rels"), strict))
    with pytest.raises(DataError, match="Save it again as 'Excel Workbook'"):
        load(path)


@pytest.mark.parametrize("name", [TYPES, BOOK, STYLES, SHEET, TEXTS])
@pytest.mark.parametrize("content", [b"", b"<broken", b"<other/>"])
def test_a_workbook_with_a_damaged_part_is_refused(path, name, content):
    replaced(small(path), {name: lambda _: content})
    if (name, content) == (STYLES, b"<other/>"):  # nothing of it is needed
        assert load(path) == {"text": ["x"], "label": [2.5]}
    else:
        with pytest.raises(DataError):
            load(path)


def test_a_part_that_would_unpack_to_too_much_is_refused_before_anything_is_read(path, monkeypatch):
    monkeypatch.setattr(xlsx, "LARGEST", 20_000)
    replaced(workbook(path, [HEAD, ["x", "y"]]), {"other": lambda _: b"x" * 20_001, BOOK: lambda _: b"<broken"})
    with pytest.raises(DataError, match="other would unpack to 20,001 bytes, more than 20,000"):
        load(path)


def test_entities_that_grow_are_refused(path):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 40}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE w [<!ENTITY e0 "{"x" * 90}">{entities}]><w>&e8;</w>'.encode()
    for part in (BOOK, SHEET, TEXTS):
        replaced(small(path), {part: lambda _: bomb})
        with pytest.raises(DataError, match="it cannot be read"):
            load(path)


@given(part=st.floats(0, 1, exclude_max=True))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_truncated_workbook_is_refused(path, part):
    whole = small(path).read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(DataError):
        load(path)


@given(part=st.sampled_from([SHEET, TEXTS, STYLES, BOOK, TYPES]), data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_damaged_gives_a_table_or_a_data_error(path, part, data):
    def damaged(content):
        at = data.draw(st.integers(0, len(content) - 1))
        return content[:at] + data.draw(st.binary(max_size=3)) + content[at + data.draw(st.integers(0, 30)) :]

    replaced(small(path), {part: damaged})
    try:
        load(path)
    except DataError as error:
        assert "\n" not in str(error)


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e9, 1e9).map(lambda value: float(f"{value:.14g}")).filter(lambda value: not value.is_integer()),
    st.text(string.ascii_letters + "äß漢 &<>'\"_x", min_size=1, max_size=8).filter(str.strip),
    st.datetimes(datetime(1901, 1, 1), datetime(9999, 1, 1)).map(lambda value: value.replace(microsecond=0)),
    st.dates(date(1901, 1, 1)),
    st.times().map(lambda value: value.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(9999)).map(lambda value: timedelta(value.days, value.seconds)),
)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), size=st.integers(1, 9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(path, rows, size):
    marked = [[number, *row] for number, row in enumerate(rows)]  # no row is blank
    workbook(path, [[" n", "a", "b", "c"], *marked])
    found = list(xlsx.batches(path, size, ""))
    assert [row for batch in found for row in zip(*batch.values(), strict=True)] == [tuple(row) for row in marked]
    assert [type(value) for batch in found for value in batch["a"]] == [type(row[0]) for row in rows]
    assert {len(batch["n"]) for batch in found[:-1]} <= {size} and list(found[0]) == ["n", "a", "b", "c"]


def test_what_openpyxl_leaves_out_is_no_warning(path):
    extension = '<extLst><ext uri="{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}"/></extLst>'  # lists of allowed values
    rows = inline("a", "b") + inline("x", "y")
    by_hand(path, rows, after=f"<headerFooter><oddHeader>&amp;</oddHeader></headerFooter>{extension}")
    replaced(path, {STYLES: lambda _: f'<styleSheet xmlns="{MAIN}"/>'.encode()})  # no default style
    before = list(warnings.filters)
    for _ in xlsx.batches(path, 1, ""):
        assert warnings.filters == before  # nothing else is silenced meanwhile
    assert load(path) == {"a": ["x"], "b": ["y"]}


def test_it_says_what_to_install(path, monkeypatch):
    workbook(path, [HEAD, ["x", "y"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"needs the package 'openpyxl'.*headstart\[excel\]"):
        load(path)


def test_batches_are_as_large_as_asked_for_and_only_what_the_parser_keeps_of_a_row_stays(path):
    workbook(path, [HEAD, *([f"text {n}", n] for n in range(10_000))])
    assert [len(batch["label"]) for batch in batches(path, 4_000)] == [4_000, 4_000, 2_000]
    rows = inline(*HEAD) + "".join(inline(f"text {n} " + "x" * 200, n) for n in range(10_000))
    by_hand(path, rows)
    tracemalloc.start()
    try:
        for batch in batches(path, 100):
            assert list(batch) == HEAD
        assert tracemalloc.get_traced_memory()[1] < 3e6
    finally:
        tracemalloc.stop()


def test_it_is_read_as_data_of_a_fit(path):
    rows = [HEAD, *([f"a sentence of some words, number {n}", "yn"[n % 2]] for n in range(40))]
    data = read(workbook(path, rows)).dataset
    assert len(data) == 40 and data.modality == "text" and sorted(set(data.targets)) == ["n", "y"]
