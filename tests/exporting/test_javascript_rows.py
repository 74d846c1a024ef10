"""What browsers make of rows is what ``reader.py`` makes of them, in Node."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from exporting.helpers_node import in_node, needs_node
from headstart.exporting.parts.columns import values

pytestmark = needs_node
# Cells as people write them, and what JSON holds.
NUMBERS = [
    "1",
    " 2.5 ",
    "-1e3",
    "+.5",
    "7.",
    "1,5",
    "-0,25",
    "1,2,3",
    "1,500",
    "12,345.5",
    "0,500",
    "1_0",
    "1e400",
    "１",
]
DATES = [
    *("2024-02-29", "2023-02-29", "1999-12-31 23:59:59.25", "2020/1", "2020.10.1", "31.12.2020", "03/04/2020"),
    *("1-2-2003", "25/12/2019 18:00", "12/25/2019 18:00+02:00", "2020-01-01T10:00-0530", "2020-01-01T24:00:60Z"),
    *("2020-01-01 25:00", "3 Jan 2020", "March 5, 2015", "3 Foo 2020", "Sept 3, 2020", "1950", "0001-01-01"),
    *("1969-12-31", "2020-01-01 at 3"),
]
TRUTHS = ["Yes", "no", "T", "f", "1", "0", "maybe", "TRUE ", "constructor"]
LEVELS = ["Grün", "3", "0.5", "True", "1e-07", "5e-05", "1e+22", "10000000000000000000000"]
CATEGORIES = ["Gru\u0308n ", "\x1cGrün\u3000", "3", "3.0", "other", "__proto__", "nan", "\ufeff3"]
PLAIN = [None, "", " ", "?", "n/a", 0, 1, 2, 3.0, 0.5, -7, 1e-7, 5e-5, 1e22, True, False]
CELLS = [*NUMBERS, *DATES, *TRUTHS, *CATEGORIES, *PLAIN]
KINDS = [
    ("number", ""), ("number", "decimal_comma"), ("number", "thousands_comma"), ("boolean", ""), ("category", ""),
    ("date", ""), ("date", "day_first"), ("date", "month_first"),
]  # fmt: skip


def test_cells_are_read_as_in_python():
    columns = [
        {"name": f"c{n}", "kind": kind, "spelling": how, "levels": LEVELS} for n, (kind, how) in enumerate(KINDS)
    ]
    rows = [{column["name"]: cell for column in columns} for cell in CELLS]
    code = "return Promise.all(given.rows.map(async (row) => Array.from((await made.tensor(row, given)).data)));"
    found = in_node("columns.mjs", code, {"columns": columns, "rows": rows})
    for row, numbers in zip(rows, found, strict=True):
        expected = values(json.loads(json.dumps(row)), {"columns": columns})
        np.testing.assert_array_equal(np.array(numbers, np.float64), expected, err_msg=repr(row["c0"]))


def test_what_cannot_be_read_is_named_and_what_is_missing_is_not():
    columns = [
        {"name": name, "kind": name, "spelling": "", "levels": []} for name in ("number", "date", "boolean", "category")
    ]
    rows = [dict.fromkeys(("number", "date", "boolean", "category"), cell) for cell in ("twelve", "?", None, "", "1")]
    found = in_node(
        "columns.mjs", "return given.rows.map((row) => made.unread(row, given));", {"columns": columns, "rows": rows}
    )
    assert found == [["number", "date", "boolean"], [], [], [], ["date"]]


def test_a_row_without_a_column_is_refused():
    code = "return made.tensor({}, given).catch((error) => error.message);"
    said = in_node("columns.mjs", code, {"columns": [{"name": "toString", "kind": "number"}]})
    assert said == "the row lacks the column “toString”"


TABLES = [
    "a,b,c\n1,2,3\n4,5\n",
    '\ufeffa,b,c\r\n"1,5","say ""yes""","two\r\nlines"\r\n\r\n,,\r\n',
    'b,a,c,more\n"x"y,"",z,w,too many\nlast,"not closed\n',
    "a,b,c\rold,line,ends\r1,2,",
    "a,b,c",
]


@pytest.mark.parametrize("text", TABLES)
def test_separated_text_is_read_as_in_python(text):
    code = "return made.rowsOf(given, 'rows.csv', ['a', 'b', 'c']);"
    expected = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    for row in expected:
        row.pop(None, None)  # what a row has more than the header is passed over
    assert in_node("rows.mjs", code, text) == expected
    assert in_node("rows.mjs", code, text.replace(",", "\t")) == [
        {name: value and value.replace(",", "\t") for name, value in row.items()} for row in expected
    ]


def test_json_objects_are_read_line_by_line():
    code = "return made.rowsOf(given, 'rows.JSONL', ['a']);"
    assert in_node("rows.mjs", code, '{"a": 1}\n\n{"b": null}') == [{"a": 1}, {"b": None}]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (" \n", "rows.csv", "it is empty"),
        ("x;y\n1;2", "rows.csv", "lacks “a”, “b”"),
        ("\x89PNG\r\n\x1a", "cat.png", "lacks “a”, “b”"),
        ('{"a": 1}\n[1]', "rows.jsonl", "line 2 does not"),
        ("a,b", "rows.json", "line 1 does not"),
    ],
)
def test_what_is_no_such_table_is_said(text, name, said):
    code = "try { return made.rowsOf(given.text, given.name, ['a', 'b']); } catch (error) { return error.message; }"
    assert said in in_node("rows.mjs", code, {"text": text, "name": name})
