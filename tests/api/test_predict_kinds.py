"""predict and evaluate for texts, tables and numbers, from bundles alone."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from bundle.helpers_bundle import BLOCKED, EVIDENCE
from bundle.helpers_tables import COLUMNS, fitted, table
from bundle.helpers_text import write_words
from headstart import bundle
from headstart.bundle import WrittenFitted
from headstart.core.learning import Fitted
from headstart.core.schema import InputSchema

EVIDENCE_OF_RUN = {**EVIDENCE, "n": {"train": 8, "val": 0, "test": 4}, "backbone": {"name": "words"}}
FLOAT = np.float32
# features are the mean of the words' numbers and of their squares: "one" 1, "two" 2, "three" 3
BY_MEAN = Fitted(
    {"weight": np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]], FLOAT), "bias": np.array([1.5, 0.0, -2.5], FLOAT)},
    {"method": "linear_probe", "form": "linear"},
)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The mean of the numbers of words decides: cat below 1.5, emu above 2.5, dog between."""
    return write_words(tmp_path_factory.mktemp("texts") / "b", fitted=BY_MEAN, evidence=EVIDENCE_OF_RUN).folder


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """A table of two plain columns, a price to be told."""
    features, arrays = fitted("columns", table())
    width = features.shape[1]
    head = Fitted(
        {"weight": np.ones((1, width), FLOAT), "bias": np.array([2.0], FLOAT)},
        {"method": "linear_probe", "form": "linear"},
    )
    folder = tmp_path_factory.mktemp("numbers") / "b"
    return bundle.write(
        folder,
        sources=[WrittenFitted("columns", arrays, table())],
        fitted=head,
        task_dict={"task": "regression"},
        input_schema=InputSchema(columns=COLUMNS),
        evidence=EVIDENCE_OF_RUN,
        features=features,
    ).folder


def said(result):
    return [row["prediction"] for row in result.rows]


def test_texts_of_a_list_a_table_a_frame_and_stdin_give_the_same(texts, tmp_path, monkeypatch):
    asked = ["three three three", "one", "two two", "what is three"]
    (tmp_path / "t.csv").write_text("question\n" + "\n".join(asked) + "\n")
    (tmp_path / "other.csv").write_text("number,asked\n" + "\n".join(f"7,{text}" for text in asked) + "\n")
    expected = headstart.predict(texts, asked)
    assert said(expected) == ["emu", "cat", "dog", "cat"]  # the last by (0 + 0 + 3) / 3
    probabilities = [row["probability_cat"] for row in expected.rows]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(asked) + "\n"))
    for found in (
        headstart.predict(texts, tmp_path / "t.csv"),
        headstart.predict(texts, tmp_path / "other.csv", input="asked"),
        headstart.predict(texts, pandas.DataFrame({"question": asked, "more": 1})),
        headstart.predict(texts, "-"),
    ):
        assert said(found) == said(expected)
        assert [row["probability_cat"] for row in found.rows] == pytest.approx(probabilities, abs=1e-6)


def test_an_empty_text_among_others_is_a_row_with_an_error(texts):
    found = headstart.predict(texts, ["one", "", "two"])
    assert (found.count, found.failed) == (3, 1)
    assert [row["error"] is None for row in found.rows] == [True, False, True]


def test_columns_that_are_missing_are_named(texts, numbers, tmp_path):
    (tmp_path / "t.csv").write_text("wrong,sex\n1,f\n")
    with pytest.raises(headstart.HeadstartError, match="age") as caught:
        headstart.predict(numbers, tmp_path / "t.csv", out=tmp_path / "p.csv")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "p.csv").exists()


def test_rows_of_a_table_give_numbers_in_every_format(numbers, tmp_path):
    rows = pandas.DataFrame({"age": [25.0, None, 31.0], "sex": ["m", "never seen", None]})
    result = headstart.predict(numbers, rows)
    assert list(result.rows[0]) == ["id", "prediction", "low", "high", "error"]
    assert all(isinstance(value, float) for value in said(result))
    assert result.rows[0]["low"] is None  # no interval was settled
    headstart.predict(numbers, rows, out=tmp_path / "p.parquet")
    file = pyarrow.parquet.read_table(tmp_path / "p.parquet")
    assert file.schema.field("prediction").type == "double"
    assert file.column("prediction").to_pylist() == said(result)
    assert headstart.predict(numbers, rows, out=tmp_path / "p.csv").to_pandas()["prediction"].tolist() == said(result)


def test_a_value_of_another_kind_counts_as_missing_and_is_told(numbers):
    odd = headstart.predict(numbers, pandas.DataFrame({"age": ["25", "old"], "sex": ["m", "f"]}))
    missing = headstart.predict(numbers, pandas.DataFrame({"age": ["25", None], "sex": ["m", "f"]}))
    assert said(odd) == said(missing)
    assert len(odd.notes) == 1 and "'age'" in odd.notes[0]
    assert missing.notes == ()


def test_a_row_as_a_mapping_is_one_example(numbers):
    (row,) = headstart.predict(numbers, {"age": 25.0, "sex": "m"}).rows
    frame = pandas.DataFrame({"age": [25.0], "sex": ["m"]})
    assert row["prediction"] == headstart.predict(numbers, frame).rows[0]["prediction"]


def test_numbers_are_measured_on_other_data(numbers, tmp_path):
    frame = pandas.DataFrame({"age": np.arange(20.0, 40.0), "sex": ["f", "m"] * 10, "half": ["a", "b"] * 10})
    frame["price"] = said(headstart.predict(numbers, frame))
    result = headstart.evaluate(numbers, frame, target="price", slices="half", out=tmp_path / "e")
    assert result.evidence["task"] == "regression"
    assert result.evidence["n"]["test"] == 20
    assert result.evidence["test"]["rmse"]["value"] == pytest.approx(0, abs=1e-5)
    assert set(result.evidence["slices"]["half"]) == {"a", "b"}
    assert json.loads(result.path.read_text()) == result.evidence


def test_texts_are_measured_on_other_data(texts):
    asked = ["one", "two two", "three three three", "one two"] * 3
    frame = pandas.DataFrame({"question": asked, "label": said(headstart.predict(texts, asked))})
    result = headstart.evaluate(texts, frame, target="label")
    assert result.evidence["test"]["accuracy"]["value"] == 1.0
    assert result.evidence["data"]["modality"] == "text"


ALONE = """
import headstart
for place, source in (("texts", "texts.csv"), ("numbers", "numbers.csv")):
    result = headstart.predict(place, source, out=place + ".parquet")
    assert (result.count, result.failed) == (2, 0), result
assert not {"torch", "timm", "transformers", "sklearn", "onnx"} & set(sys.modules)
"""


def test_neither_torch_nor_transformers_nor_sklearn_is_needed(texts, numbers, tmp_path):
    shutil.copytree(texts, tmp_path / "texts")
    shutil.copytree(numbers, tmp_path / "numbers")
    (tmp_path / "texts.csv").write_text("question\none two\nthree\n")
    (tmp_path / "numbers.csv").write_text("age,sex\n25,f\n,m\n")
    environment = {**os.environ, "HEADSTART_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-c", BLOCKED + ALONE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert not (tmp_path / "cache").exists()
