"""Files of predictions: a column of numbers holds numbers, any other holds text, in every format."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pyarrow.parquet
import pytest

from headstart.api.results import Predictions
from headstart.bundle.prediction_table import columns_of, number_columns, prediction_writer

NUMBERS = SimpleNamespace(kind="real", prediction_columns=("prediction", "low", "high"))
LABELS = SimpleNamespace(kind="multilabel", prediction_columns=("prediction", "probability_a", "probability_7"))
ROWS = {
    "real": [
        {"id": "1", "prediction": 0.1, "low": -2.0, "high": 3.0, "error": None},
        {"id": "2", "prediction": None, "low": None, "high": None, "error": "is not there"},
    ],
    "multilabel": [
        {"id": "1", "prediction": "a|7", "probability_a": 0.75, "probability_7": 0.5, "error": None},
        {"id": "2", "prediction": "7", "probability_a": 0.25, "probability_7": 1.0, "error": None},
        {"id": "3", "prediction": "", "probability_a": 0.25, "probability_7": 0.0, "error": None},
    ],
}


@pytest.mark.parametrize("task", [NUMBERS, LABELS], ids=lambda task: task.kind)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_read_back_as_they_were_written(tmp_path, task, ending):
    rows, numbers, out = ROWS[task.kind], number_columns(task), tmp_path / f"p.{ending}"
    with prediction_writer(out, columns_of(task), numbers) as write:
        for row in rows:
            write([row])
    table = Predictions(2, 0, out, (), numbers=numbers).to_pandas()
    found = table.astype(object).where(table.notna(), None).to_dict("records")
    assert found == rows
    assert all(isinstance(row["prediction"], type(rows[0]["prediction"])) for row in found if row["error"] is None)


def test_types_of_parquet_columns_follow_the_task_even_where_all_are_empty(tmp_path):
    for task, expected in ((NUMBERS, "double"), (LABELS, "string")):
        with prediction_writer(tmp_path / "p.parquet", columns_of(task), number_columns(task)) as write:
            write([dict.fromkeys(columns_of(task))])
        schema = pyarrow.parquet.read_schema(tmp_path / "p.parquet")
        assert schema.field("prediction").type == expected
        assert schema.field("id").type == schema.field("error").type == "string"


def test_labels_that_look_like_numbers_stay_text_in_json(tmp_path):
    with prediction_writer(tmp_path / "p.jsonl", columns_of(LABELS), number_columns(LABELS)) as write:
        write(ROWS["multilabel"])
    assert json.loads((tmp_path / "p.jsonl").read_text().splitlines()[1])["prediction"] == "7"
