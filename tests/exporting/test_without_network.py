"""Models of plain columns, of counted words and of several sources as one file: the gate is the test."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from exporting.helpers_models import FRONT, QUESTION, table, write_columns, write_several, write_terms
from headstart.core.errors import ConfigError
from headstart.core.schema import PartSchema
from headstart.data.column_kinds import typed
from headstart.exporting import writing
from headstart.exporting.parts import columns as cells
from headstart.exporting.tree_nodes import rounded_down
from shared_run import files_below

QUICK = {"rounds": 6, "leaves": (4,), "least_rows": 5, "learning_rate": 0.3}
FILES = {"model.onnx", "model.json", "reader.py", "README.md", "gate.json"}
BROWSER_FILES = {"answers.mjs", "index.html", "inputs.mjs", "page.css", "page.mjs", "reader.mjs"}
ROW_FILES = FILES | BROWSER_FILES | {"columns.mjs", "rows.mjs", "form.mjs", "table.mjs"}


def differs_by(written):
    assert written.gate["alone"]["changed_decisions"] == written.gate["batch"]["changed_decisions"] == 0
    return max(written.gate[which]["largest_difference"] for which in ("alone", "batch"))


@pytest.mark.parametrize(
    ("backbones", "method", "kind", "settings"),
    [
        (["columns"], "linear_probe", "real", {}),
        (["raw_columns"], "boosting", "class", QUICK),
        (["columns", "raw_columns"], "blend", "class", {"trees": QUICK}),
        (["columns", "raw_columns"], "blend", "real", {"trees": QUICK}),
        (["columns"], "boosted_directions", "class", {"rounds": 4}),
        (["columns"], "rbf_features", "real", {"waves": 32, "factors": (1.0,)}),
        (["columns"], "root_probe", "class", {}),
    ],
)
def test_rows_get_the_answers_of_the_run(tmp_path, backbones, method, kind, settings):
    shipped = write_columns(tmp_path / "bundle", backbones, method, kind, **settings)
    written = writing.write(shipped, "onnx", tmp_path / "export")
    assert differs_by(written) < (1e-3 if method == "root_probe" else 1e-4)  # a root of 1e-8 is 1e-4
    assert files_below(written.path) == ROW_FILES


def test_openvino_reads_rows_too(tmp_path):
    shipped = write_columns(tmp_path / "bundle", ["columns", "raw_columns"], "blend", trees=QUICK)
    assert differs_by(writing.write(shipped, "openvino", tmp_path / "export")) < 1e-3


def test_the_reader_takes_a_csv_as_people_write_it(tmp_path):
    shipped = write_columns(tmp_path / "bundle", ["columns"], "linear_probe")
    exported = writing.write(shipped, "onnx", tmp_path / "export").path
    rows = tmp_path / "rows.csv"
    rows.write_text(
        'price,count,huge,since,is new,colour,more\n"12,50",2,1e3,03/04/2007,yes,red,x\n,?,,,,never seen,\n',
        encoding="utf-8",
    )
    lacking = tmp_path / "lacking.jsonl"
    lacking.write_text('{"price": "1,5"}\nno JSON\n')
    command = [sys.executable, "-I", str(exported / "reader.py"), str(rows), str(lacking)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    one, two, *errors = [json.loads(line) for line in done.stdout.splitlines()]
    assert one["id"] == f"{rows}:1" and sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert two["prediction"] in one["probabilities"]
    assert "lacks the column 'count'" in errors[0]["error"] and "JSON" in errors[1]["error"]


@pytest.mark.parametrize("part", [PartSchema(modality="text"), QUESTION])
def test_words_are_counted_by_the_reader(tmp_path, part):
    shipped = write_terms(tmp_path / "bundle", part)
    assert differs_by(writing.write(shipped, "onnx", tmp_path / "export")) < 1e-5
    own = {"vocabulary.json", "texts.mjs", "terms.mjs"}
    assert files_below(tmp_path / "export") == FILES | BROWSER_FILES | own


def test_a_pair_of_pictures_words_and_columns_are_joined(tmp_path):
    shipped = write_several(tmp_path / "bundle", tmp_path / "graphs")
    assert differs_by(writing.write(shipped, "onnx", tmp_path / "export")) < 0.02
    facts = json.loads((tmp_path / "export" / "model.json").read_text())
    assert [each["name"] for each in facts["inputs"]] == ["pixels", "pixels_2", "terms", "values"]
    said = (tmp_path / "export" / "README.md").read_text()
    assert "`front`, `back`, `remark`, `price`" in said and "relative to the table" in said


@pytest.mark.parametrize(
    ("kind", "spelling", "given"),
    [
        ("number", "", ["1", " 2.5 ", "-1e3", "1,5", "?", "", None, "1_0", "inf", 1e400, True, 7, "１"]),
        ("number", "decimal_comma", ["1,5", "2.5", "1,2,3", "-0,25"]),
        ("number", "thousands_comma", ["1,500", "12,345.5", "1,5", "999"]),
        ("boolean", "", ["Yes", "no", "T", "f", "1", "0", 1, 0, True, None, "maybe", "", 2]),
        ("date", "", ["2024-02-29", "2023-02-29", "1999-12-31 23:59:59.25", "2020/1", "31.12.2020", "03/04/2020"]),
        ("date", "", ["3 Jan 2020", "March 5, 2015", "3 Foo 2020", "2020-01-01T10:00+02:00", "2020-01-01 25:00", 5]),
        ("date", "day_first", ["03/04/2020", "25/12/2019 18:00", "1-2-2003"]),
        ("date", "month_first", ["03/04/2020", "12/25/2019 18:00Z", "13/13/2013"]),
    ],
)
def test_cells_are_read_as_headstart_reads_them(kind, spelling, given):
    expected = typed(given, kind, spelling)[0].values
    if kind == "number":
        found = [cells.number(each, spelling) for each in given]
    elif kind == "date":
        found = [cells.seconds_of(each, spelling) for each in given]
    else:
        found = [[0.0, 1.0, np.nan][cells.truth(each)] for each in given]
    np.testing.assert_array_equal(found, expected)


def test_categories_are_spelled_in_one_way():
    levels = ["Grün", "3", "0.5", "True"]
    assert [cells.code(each, levels) for each in ("Gru\u0308n ", 3.0, 3, 0.5, True)] == [0, 1, 1, 2, 3]
    assert [cells.code(each, levels) for each in ("other", None, "", " ", float("nan"))] == [4, 5, 5, 5, 5]


def test_a_threshold_between_two_float32_numbers_parts_them_as_before():
    thresholds = np.random.default_rng(0).normal(size=200)
    near = thresholds.astype(np.float32)
    for given in (near, np.nextafter(near, np.float32(-9)), np.nextafter(near, np.float32(9))):
        np.testing.assert_array_equal(given <= rounded_down(thresholds), given <= thresholds)


def test_what_only_headstarts_own_code_computes_is_refused(tmp_path):
    from bundle.helpers_bundle import write_fitted

    shipped = write_fitted(tmp_path / "bundle")
    with pytest.raises(ConfigError, match="pixel_histograms"):
        writing.write(shipped, "onnx", tmp_path / "export")
    assert FRONT.paired and len(table()) == 120
