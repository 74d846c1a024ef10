"""Counted words in place of a network of texts: taught, measured, shipped, picked again."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from headstart import bundle
from headstart.api import (
    compressing_counted,
    compressing_search,
    compression_evidence,
)
from headstart.compression import gate
from headstart.core.errors import GateError
from headstart.core.learning import Targets
from made_texts import questions
from tiny_models import GRAPH, text_model

__all__ = ["text_model"]
NAME = "counted words"


def the_counted(points, base, *asked):
    return gate.Verdict(next(each for each in points if each.knobs.is_counted), "No network is needed.")


@pytest.fixture
def texts(text_model, tmp_path, monkeypatch):
    """A run, and texts of which four are new."""
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compressing_search, "KINDS", ())  # networks have their own tests
    table = pandas.DataFrame(questions(16), columns=["text", "label"])
    table.to_csv(tmp_path / "texts.csv", index=False)
    further = pandas.DataFrame({"text": [*(text for text, _ in questions(2, seed=5)), *table["text"][:3]]})
    further.to_csv(tmp_path / "further.csv", index=False)
    run = headstart.fit(
        tmp_path / "texts.csv", target="label", model=str(text_model), method="linear_probe", settings=GRAPH,
        out=tmp_path / "run",
    )  # fmt: skip
    return SimpleNamespace(run=run, table=table, further=tmp_path / "further.csv", place=tmp_path)


def small(texts, name, **options):
    return headstart.compress(
        texts.run.path, max_drop=99, runtime="onnxruntime", threads=1, out=texts.place / name, **options
    )


def test_counted_words_ship_without_a_network_answer_as_their_evidence_says_and_are_picked_again(texts, monkeypatch):
    monkeypatch.setattr(gate, "decided", the_counted)
    monkeypatch.setattr(compression_evidence, "worth_keeping", lambda points, base: list(points))  # speed is chance
    found = small(texts, "small", students=1, unlabelled=texts.further)
    section = found.evidence["compression"]
    point = next(each for each in section["points"] if each["name"] == NAME)
    assert found.chosen == NAME and point["n"] == section["n"] == section["points"][0]["n"]
    assert point["knobs"]["counted"] and point["milliseconds"]["alone"] > 0 and point["difference"]["low"] is not None
    told = section["taught"][NAME]
    assert (
        told["labelled"] == section["n"] and told["n"] == section["n"] + section["unlabelled"]["n"] == section["n"] + 6
    )
    manifest = bundle.read(found.path).manifest
    assert not manifest.networks and manifest.candidate == {"backbone": "tfidf", "method": "sparse_linear"}
    table = pyarrow.parquet.read_table(found.path / "predictions" / "test.parquet").to_pydict()
    tested = [texts.table["text"][int(str(name).rsplit(":", 1)[-1])] for name in table["id"]]
    said = [row["prediction"] for row in headstart.predict(found.path, tested).rows]
    assert said == table["prediction"]
    right = np.mean([one == other for one, other in zip(said, table["target"], strict=True)])
    assert right == pytest.approx(found.evidence["test"]["accuracy"]["value"])
    page = (found.path / "report.html").read_text()
    assert "Counted words need no network" in page
    assert headstart.export(found.path, out=texts.place / "exported").gate["alone"]["changed_decisions"] == 0
    again = headstart.compress(found.path, pick=NAME, out=texts.place / "again")
    assert again.evidence["test"] == found.evidence["test"]
    assert again.evidence["compression"]["picked"]["score"] == pytest.approx(point["score"])


def test_without_students_or_time_no_words_are_counted(texts):
    with pytest.raises(GateError):
        small(texts, "none", students=0)
    with pytest.raises(GateError):
        small(texts, "late", students=1, minutes=1e-9)
    none, late = (
        json.loads((texts.place / name / "evidence.json").read_text())["compression"] for name in ("none", "late")
    )
    assert len(none["points"]) == len(late["points"]) == 1
    assert NAME not in none["skipped"] and "too short" in late["skipped"][NAME]


def test_the_teacher_of_a_fold_saw_none_of_its_labels():
    rng = np.random.default_rng(0)
    truth, folds = np.arange(40) % 2, np.arange(40) // 2 % 4
    features = (rng.normal(size=(40, 5)) + truth[:, None]).astype(np.float32)
    base = SimpleNamespace(strength=1.0 / 5)

    def teachers(classes):
        bench = SimpleNamespace(targets=Targets(classes.astype(np.int64), "class", 2), folds=folds)
        whole = SimpleNamespace(bench=bench, schooling=None)
        return compressing_counted._teachers(whole, base, None, None, SimpleNamespace(features=features))

    first, second = teachers(truth), teachers(np.where(folds == 1, 1 - truth, truth))
    np.testing.assert_allclose(first[2], second[2], atol=1e-6)
    assert first.shape == (5, 40, 2) and all(abs(first[k] - second[k]).max() > 1e-3 for k in (0, 1, 3, 4))
