"""What verbs return: JSON, tables and a notebook view."""

from __future__ import annotations

import dataclasses
import json
import sys

import pytest

import headstart


@pytest.fixture
def results(warm):
    return {
        "run": (warm.run, 5),
        "plan": (headstart.fit(warm.photos, model=str(warm.model), dry_run=True), 7),
        "evaluation": (headstart.evaluate(warm.run.path, warm.photos), 7),
        "predictions": (headstart.predict(warm.run.path, warm.photos / "red"), 20),
        "methods": (headstart.list_methods(), len(headstart.list_methods().rows)),
    }  # fmt: skip


def test_every_result_is_json_a_table_and_a_notebook_view_and_frozen(results):
    for name, (result, rows) in results.items():
        assert json.loads(json.dumps(result.to_dict(), allow_nan=False)), name
        assert len(result.to_pandas()) == rows, name
        assert "<" in result._repr_html_(), name
        field = dataclasses.fields(result)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, field, None)


def test_every_result_is_one_line_where_it_is_printed(results):
    for name, (result, _) in results.items():
        shown = repr(result)
        assert shown.startswith(f"{type(result).__name__}(") and len(shown) < 600 and "\n" not in shown, name
    run = results["run"][0]
    assert repr(run) == f"Run(path={str(run.path)!r}, sentence={run.sentence!r})"
    assert repr(results["predictions"][0]) == "Predictions(count=20, failed=0, out=None)"


def test_a_run_knows_its_sentence_and_its_paths(shared):
    assert shared.run.sentence == shared.run.evidence["sentence"]
    assert shared.run.report.is_file() and (shared.run.bundle / "manifest.json").is_file()
    table = shared.run.to_pandas()
    assert table["name"].tolist()[0] == "linear_probe"
    assert table["value"].tolist()[0] == shared.run.evidence["test"]["accuracy"]["value"]


def test_without_pandas_a_table_asks_for_it_and_the_rest_goes_on(shared, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(headstart.HeadstartError, match=r"pip install 'headstart\[pandas\]'") as caught:
        shared.run.to_pandas()
    assert caught.value.exit_code == 2 and isinstance(caught.value, ImportError)
    assert shared.run.to_dict()["sentence"] and shared.run._repr_html_()


def test_class_names_that_look_like_numbers_or_gaps_are_read_back_as_text(tmp_path):
    from headstart.bundle.prediction_table import prediction_writer

    row = {"id": "1.0", "prediction": "007", "probability": 0.1 + 0.2, "probability_007": 0.1 + 0.2,
           "probability_NA": 0.7, "error": None}  # fmt: skip
    types = {name: "number" if name.startswith("probability") else "text" for name in row}
    for ending in ("csv", "jsonl", "parquet", "xlsx"):
        with prediction_writer(tmp_path / f"p.{ending}", types) as write:
            write([row, {**row, "id": "NA", "prediction": "NA"}])
        result = headstart.Predictions(2, 0, tmp_path / f"p.{ending}", ("007", "NA"), types=types)
        table = result.to_pandas()
        assert table["prediction"].tolist() == ["007", "NA"] and table["id"].tolist() == ["1.0", "NA"], ending
        kept = [round(value, 15) if ending == "xlsx" else value for value in (0.1 + 0.2, 0.1 + 0.2)]  # 15 digits there
        assert table["probability"].tolist() == kept, ending
