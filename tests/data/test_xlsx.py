"""Workbooks written by hand, as Excel (relative names, shared texts) and other programs (absolute, inline) do."""

from __future__ import annotations

import tracemalloc
from datetime import date, datetime, time, timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from headstart.core.errors import DataError
from headstart.data.read import read
from headstart.data.table_formats import xlsx
from headstart.data.tables import batches, column_names, load

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def relations(*pairs):
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(pairs)
    )
    return f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>'


def workbook(path, *sheets, texts=None, formats=(), names=None, states=None, properties="", absolute=False, ns=MAIN):
    """``sheets`` are the rows of each as XML; ``formats`` the number formats of styles 1, 2, ..."""
    base = "/xl/" if absolute else ""
    parts = [("worksheet", f"{base}worksheets/sheet{n}.xml") for n, _ in enumerate(sheets)]
    parts += [("sharedStrings", f"{base}sharedStrings.xml")] * (texts is not None) + [("styles", f"{base}styles.xml")]
    names, states = names or [f"S{n}" for n, _ in enumerate(sheets)], states or ["visible"] * len(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n + 1}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state) in enumerate(zip(names, states, strict=True))
    )
    own = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(formats) if isinstance(code, str)
    )
    used = "".join(
        f'<xf numFmtId="{200 + n if isinstance(code, str) else code}"/>' for n, code in enumerate((0, *formats), -1)
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations(("officeDocument", f"{base or 'xl/'}workbook.xml")))
        archive.writestr("xl/_rels/workbook.xml.rels", relations(*parts))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{ns}" xmlns:r="{REL}">{properties}<sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{ns}"><numFmts>{own}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
            f"<cellXfs>{used}</cellXfs></styleSheet>",
        )
        if texts is not None:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{ns}">{"".join(texts)}</sst>')
        for n, rows in enumerate(sheets):
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{ns}"><cols><col min="1"/></cols><sheetData>{rows}</sheetData></worksheet>',
            )
    return path


def row(number, **cells):
    """Columns by letter; texts inline, (number, style) pairs, and whatever is XML already."""
    inside = ""
    for letter, value in cells.items():
        place = f'r="{letter}{number}"'
        if isinstance(value, tuple):
            inside += f'<c {place} s="{value[1]}"><v>{value[0]}</v></c>'
        elif isinstance(value, str) and value.startswith("<c"):
            inside += value.replace("<c", f"<c {place}", 1)
        elif isinstance(value, str):
            inside += f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
        else:
            inside += f"<c {place}><v>{value}</v></c>"
    return f'<row r="{number}">{inside}</row>'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.xlsx"


HEAD = row(1, A="text", B="label")


@pytest.mark.parametrize("options", [{}, {"absolute": True}, {"ns": STRICT}])
def test_texts_numbers_and_gaps(path, options):
    rows = HEAD + row(2, A="a &amp; b", B=1) + row(4, B=2.5)
    assert load(workbook(path, rows, **options)) == {"text": ["a & b", None], "label": [1, 2.5]}
    assert column_names(path) == ["text", "label"]


def test_shared_texts_have_runs_and_pronunciations_are_left_out(path):
    texts = [
        "<si><t>text</t></si>",
        "<si><r><t>one </t></r><r><rPr/><t>two</t></r><rPh><t>wan</t></rPh></si>",
        "<si><t>line_x000A_break_x005F_x000A_</t></si>",
    ]
    rows = "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(3))  # without places: one after another
    assert load(workbook(path, rows, texts=texts)) == {"text": ["one two", "line\nbreak_x000A_"]}


def test_bools_formulas_errors_and_dates_as_text(path):
    given = {
        "A": '<c t="b"><v>1</v></c>',
        "B": '<c t="str"><f>A1&amp;"!"</f><v>hi!</v></c>',
        "C": '<c t="e"><v>#N/A</v></c>',
        "D": '<c t="d"><v>2025-01-01T06:00:00</v></c>',
        "E": "<c><f>1+1</f><v>2</v></c>",
        "F": "<c><f>NOW()</f></c>",
    }
    found = load(workbook(path, row(1, **{letter: letter.lower() for letter in given}) + row(2, **given)))
    expected = {"a": True, "b": "hi!", "c": None, "d": datetime(2025, 1, 1, 6), "e": 2, "f": None}
    assert found == {name: [value] for name, value in expected.items()}


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        (0, 45658, 45658),
        (
            14,
            45658,
            date(2025, 1, 1),
        ),  # 125 years of 365 days and 31 leap days after 1899-12-31, and one that never was
        (22, 45658.25, datetime(2025, 1, 1, 6)),
        (21, 0.5, time(12)),
        (46, 1.25, timedelta(days=1, hours=6)),
        ("yyyy\\-mm\\-dd", 1, date(1900, 1, 1)),
        ("[$-409]d\\-mmm\\-yy;@", 61, date(1900, 3, 1)),
        ("dd/mm/yyyy hh:mm:ss", 45658.999988426, datetime(2025, 1, 1, 23, 59, 59)),
        ("[h]:mm:ss", 0.5, timedelta(hours=12)),
        ("[Red]0.00", 2.5, 2.5),
        ("0 &quot;days&quot;", 3, 3),
        ("#,##0_);[Red]\\(#,##0\\)", 3, 3),
        ("0.00E+00", 1e300, 1e300),
        (14, 1e12, 10**12),  # after the last day there is
        (14, -1e12, -(10**12)),
    ],
)
def test_a_number_is_what_its_format_shows(path, code, number, expected):
    rows = row(1, A="value") + row(2, A=(number, 1))
    (value,) = load(workbook(path, rows, formats=[code]))["value"]
    assert value == pytest.approx(expected) if isinstance(expected, float) else value == expected
    assert type(value) is type(expected)


def test_days_may_count_from_1904(path):
    rows = row(1, A="day") + row(2, A=(366, 1))
    book = workbook(path, rows, formats=[14], properties='<workbookPr date1904="1"/>')
    assert load(book) == {"day": [date(1905, 1, 1)]}  # 1904 is a leap year


def test_a_table_may_begin_anywhere_and_a_column_without_a_name_gets_its_number(path):
    rows = row(3, C="a", E="b") + row(5, C=1, D=2, E=3) + row(6, E=" ")
    assert load(workbook(path, rows)) == {"a": [1], "column 4": [2], "b": [3]}


def test_columns_after_z(path):
    assert [xlsx._column(letters) for letters in ("A", "Z", "AA", "AZ", "BA", "XFD")] == [0, 25, 26, 51, 52, 16383]


def test_hidden_and_empty_sheets_are_left_out(path):
    rows = HEAD + row(2, A="x", B="y")
    other = row(1, A="lists")
    book = workbook(path, "", other, rows, other, states=["visible", "hidden", "visible", "veryHidden"])
    assert load(book) == {"text": ["x"], "label": ["y"]}


def test_two_sheets_with_rows_are_an_error_that_names_them(path):
    with pytest.raises(DataError, match=r"rows in one sheet; several hold some: 'May', 'June'. Hide the other"):
        load(workbook(path, HEAD, HEAD, names=["May", "June"]))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "must hold a header and at least one row"),
        (HEAD, "must hold a header and at least one row"),
        (row(1, A="a", B="a") + row(2, A=1), "name each column once; repeated: a"),
        (HEAD + row(7, A="x", D="y"), "row 7 has one in column 4, which has none"),
        (row(1, B="a") + row(2, A=1), "row 2 has one in column 1"),
        (HEAD + row(2, A='<c t="s"><v>5</v></c>'), r"must be an \.xlsx workbook; it cannot be read"),
        (HEAD + row(2, A="<c><v>five</v></c>"), "could not convert string to float: 'five'"),
        (HEAD + "<row><c>", "mismatched tag"),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_place(path, rows, words):
    with pytest.raises(DataError, match=words):
        load(workbook(path, rows))


def test_an_old_or_locked_workbook_is_told_apart(path):
    path.write_bytes(xlsx.OLE + b"\0" * 600)
    with pytest.raises(DataError, match=r"without a password; it is locked, or an old \.xls file"):
        load(path)


def test_a_truncated_workbook_and_one_without_its_parts_are_refused(path):
    whole = workbook(path, HEAD + row(2, A="x")).read_bytes()
    for content in (whole[: len(whole) // 2], whole.replace(b"xl/workbook.xml", b"xl/workbooks.xm")):
        path.write_bytes(content)
        with pytest.raises(DataError, match="it cannot be read"):
            load(path)


def test_a_part_that_would_unpack_to_too_much_is_refused(path, monkeypatch):
    monkeypatch.setattr(xlsx, "LARGEST", 10_000)
    with pytest.raises(DataError, match="would unpack to .* bytes, more than 10,000"):
        load(workbook(path, HEAD + row(2, A="x" * 20_000)))


def test_entities_that_grow_are_refused(path):
    workbook(path, HEAD + row(2, A="x"))
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 40}">' for n in range(1, 9))
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = f'<!DOCTYPE w [<!ENTITY e0 "{"x" * 90}">{entities}]><w>&e8;</w>'.encode()
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match="it cannot be read"):
        load(path)


def test_batches_are_as_large_as_asked_for_and_memory_does_not_grow_with_the_rows(path):
    rows = HEAD + "".join(row(n, A=f"text {n}", B=n) for n in range(2, 20_002))
    workbook(path, rows)
    assert [len(batch["label"]) for batch in batches(path, 8_000)] == [8_000, 8_000, 4_000]
    tracemalloc.start()
    try:
        for batch in batches(path, 100):
            assert list(batch) == ["text", "label"]
        assert (
            tracemalloc.get_traced_memory()[1] < 2e6
        )  # the rows alone are 2 MB of XML, and ten times that as elements
    finally:
        tracemalloc.stop()


def test_it_is_read_as_data_of_a_fit(path):
    rows = HEAD + "".join(row(n, A=f"a sentence of some words, number {n}", B="yn"[n % 2]) for n in range(2, 42))
    data = read(workbook(path, rows)).dataset
    assert len(data) == 40 and data.modality == "text" and sorted(set(data.targets)) == ["n", "y"]
