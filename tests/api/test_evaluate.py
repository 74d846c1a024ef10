"""evaluate: the evidence again, from the shipped model alone."""

from __future__ import annotations

import json

import pandas
import pyarrow.parquet
import pytest

import headstart


@pytest.fixture(scope="module")
def tested_on(shared, tmp_path_factory):
    """A table of the examples that the run tested on."""
    table = pyarrow.parquet.read_table(shared.run.path / "predictions" / "test.parquet").to_pylist()
    place = tmp_path_factory.mktemp("part") / "part.csv"
    lines = [f"{shared.photos / row['id']},{row['target']},{number % 2}" for number, row in enumerate(table)]
    place.write_text("\n".join(["file,label,half", *lines]))
    return place


def test_on_the_test_part_of_the_fit_it_gives_the_numbers_of_the_fit(shared, tested_on):
    result = headstart.evaluate(shared.run.path, tested_on)
    for section in ("test", "confusion", "primary", "task", "backbone"):
        assert result.evidence[section] == shared.run.evidence[section], section
    assert result.evidence["n"] == shared.run.evidence["n"]
    assert shared.run.evidence["sentence"].startswith(result.evidence["sentence"])
    assert result.path is None


def test_slices_part_the_examples(shared, tested_on):
    evidence = headstart.evaluate(shared.run.path, tested_on, slices=["half"]).evidence
    halves = evidence["slices"]["half"]
    assert {name: half["n"] for name, half in halves.items()} == {"0": 6, "1": 6}
    mean = sum(half["accuracy"]["value"] for half in halves.values()) / 2
    assert mean == pytest.approx(evidence["test"]["accuracy"]["value"])


def test_out_gets_the_evidence_and_the_predictions_and_a_page_is_made_of_them(shared, tested_on, tmp_path):
    result = headstart.evaluate(shared.run.bundle, tested_on, out=tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["evidence.json", "predictions"]
    assert json.loads(result.path.read_text()) == result.evidence
    columns, of_run = (
        pyarrow.parquet.read_table(folder / "predictions" / "test.parquet").column_names
        for folder in (tmp_path / "new", shared.run.path)
    )
    assert columns == [name for name in of_run if not name.startswith("slice_")]
    page = headstart.report(tmp_path / "new").read_text(encoding="utf-8")
    assert "All 12 test examples with what was predicted of them" in page
    assert not (tmp_path / "new" / "model_card.md").exists()
    with pytest.raises(headstart.HeadstartError, match="new or empty") as caught:
        headstart.evaluate(shared.run.path, tested_on, out=tmp_path / "new")
    assert caught.value.exit_code == 2


def test_a_class_that_the_model_does_not_know_is_told_before_anything_is_computed(shared, tmp_path):
    frame = pandas.DataFrame(
        {"file": [str(shared.photos / "red" / f"{n}.png") for n in (5, 6)], "label": ["red", "gren"]}
    )
    with pytest.raises(headstart.HeadstartError, match="gren") as caught:
        headstart.evaluate(shared.run.path, frame, out=tmp_path / "new")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "new").exists()


def test_the_test_split_counts_where_there_is_one(shared):
    rows = [(str(shared.photos / name / f"{n}.png"), name, split)
            for name in ("red", "blue") for n, split in ((5, "train"), (6, "val"), (7, "test"))]  # fmt: skip
    frame = pandas.DataFrame(rows, columns=["file", "label", "split"])
    assert headstart.evaluate(shared.run.path, frame).evidence["n"]["test"] == 2
    assert headstart.evaluate(shared.run.path, frame.drop(columns="split")).evidence["n"]["test"] == 6


def test_examples_of_one_class_can_be_measured_on(shared, tmp_path):
    paths = sorted((shared.photos / "red").glob("*.png"))
    table = tmp_path / "red.csv"
    table.write_text("\n".join(["file,label", *(f"{path},red" for path in paths)]))
    result = headstart.evaluate(shared.run.path, table)
    assert result.evidence["n"]["test"] == len(paths)
    assert result.evidence["test"]["per_class"]["blue"]["n"] == 0
