"""Files of predictions: a column of numbers holds numbers, any other holds text, in every format."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import openpyxl
import pyarrow.parquet
import pytest

from headstart.api.results import Predictions
from headstart.bundle.prediction_table import check_format, columns_of, prediction_writer
from headstart.core.errors import MissingExtraError
from headstart.postprocessing.answers import Answers
from headstart.postprocessing.postprocessing import Postprocessing
from headstart.postprocessing.record import PostprocessingRecord

NUMBERS = Answers(SimpleNamespace(kind="real", prediction_columns=("prediction", "low", "high")), Postprocessing())
LABELS = Answers(
    SimpleNamespace(kind="multilabel", prediction_columns=("prediction", "probability_a", "probability_7")),
    Postprocessing(PostprocessingRecord(set_thresholds=(0.3,), out_of_domain="mahalanobis")),
)
KNOWN, STRANGE = ({"out_of_domain": p < 0.05, "out_of_domain_p": p} for p in (0.5, 0.01))
ROWS = {
    "real": [
        {"id": "1", "prediction": 0.1, "low": -2.0, "high": 3.0, "error": None},
        {"id": "2", "prediction": None, "low": None, "high": None, "error": "is not there"},
    ],
    "multilabel": [
        {
            "id": "1",
            "prediction": "a|7",
            "probability_a": 0.75,
            "probability_7": 0.5,
            "set": "a|7",
            **KNOWN,
            "error": None,
        },
        {
            "id": "2",
            "prediction": "7",
            "probability_a": 0.25,
            "probability_7": 1.0,
            "set": "7",
            **STRANGE,
            "error": None,
        },
        {"id": "3", "prediction": "", "probability_a": 0.25, "probability_7": 0.0, "set": "", **KNOWN, "error": None},
    ],
}


@pytest.mark.parametrize("answers", [NUMBERS, LABELS], ids=lambda answers: answers.task.kind)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_rows_read_back_as_they_were_written(tmp_path, answers, ending):
    rows, columns, out = ROWS[answers.task.kind], columns_of(answers), tmp_path / f"p.{ending}"
    with prediction_writer(out, columns) as write:
        for row in rows:
            write([row])
    table = Predictions(2, 0, out, (), types=columns).to_pandas()
    found = table.astype(object).where(table.notna(), None).to_dict("records")
    assert found == rows
    assert all(isinstance(row["prediction"], type(rows[0]["prediction"])) for row in found if row["error"] is None)


def test_types_of_parquet_columns_follow_the_task_even_where_all_are_empty(tmp_path):
    for answers, expected in ((NUMBERS, "double"), (LABELS, "string")):
        with prediction_writer(tmp_path / "p.parquet", columns_of(answers)) as write:
            write([dict.fromkeys(columns_of(answers))])
        schema = pyarrow.parquet.read_schema(tmp_path / "p.parquet")
        assert schema.field("prediction").type == expected
        assert expected == "double" or schema.field("out_of_domain").type == "bool"
        assert schema.field("id").type == schema.field("error").type == "string"


def test_text_in_a_workbook_is_no_formula_and_may_hold_any_character(tmp_path):
    row = {"id": "=1+1", "prediction": "a\x07b", "probability_a": 0.5, "probability_7": 1.0, "set": "7", **KNOWN}
    with prediction_writer(tmp_path / "p.xlsx", columns_of(LABELS)) as write:
        write([row])
    (sheet,) = openpyxl.load_workbook(tmp_path / "p.xlsx").worksheets
    header, cells = sheet.iter_rows()
    assert [cell.value for cell in header] == list(columns_of(LABELS))
    found = [(cell.value, cell.data_type) for cell in cells]
    assert found[:3] == [("=1+1", "s"), ("a\ufffdb", "s"), (0.5, "n")]
    assert found[5] == (False, "b") and found[-1] == (None, "n")


def test_a_workbook_without_its_package_is_refused_before_anything_is_computed(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"writing \.xlsx workbooks.*headstart\[excel\]"):
        check_format(tmp_path / "p.xlsx")
    check_format(tmp_path / "p.csv")


def test_labels_that_look_like_numbers_stay_text_in_json(tmp_path):
    with prediction_writer(tmp_path / "p.jsonl", columns_of(LABELS)) as write:
        write(ROWS["multilabel"])
    assert json.loads((tmp_path / "p.jsonl").read_text().splitlines()[1])["prediction"] == "7"
