"""Sets of labels, grades and numbers, trained on texts: evidence, bundle, the run again."""

from __future__ import annotations

import json

import pytest

import headstart
from api.helpers_training import LAST, SHORT, rows_of_test, same_rows, texts_of
from shared_run import evidence_of, predictions_of

PRIMARY = {"multilabel": "macro_f1", "ordinal": "qwk", "regression": "rmse"}
KINDS = list(PRIMARY)
ROWS = {"multilabel": 48, "ordinal": 48, "regression": 96}  # an interval takes nine validation rows or more


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A file for each kind of target."""
    folder = tmp_path_factory.mktemp("data")
    for kind in KINDS:
        texts_of(kind, ROWS[kind]).to_json(folder / f"{kind}.jsonl", orient="records", lines=True)
    return {kind: folder / f"{kind}.jsonl" for kind in KINDS}


@pytest.fixture(scope="module")
def runs(data, text_model, tmp_path_factory):
    """One run for each kind of target."""
    folder = tmp_path_factory.mktemp("runs")
    settings = {**SHORT, "guard": False, "method.freeze": LAST["text"]}
    asked = {"model": str(text_model), "method": "lp_ft", "threads": 1, "settings": settings}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        return {kind: headstart.fit(data[kind], out=folder / kind, task=kind, **asked) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_evidence_tells_the_training_in_the_units_of_the_task(runs, kind):
    evidence = runs[kind].evidence
    assert (evidence["task"], evidence["primary"], evidence["test_reads"]) == (kind, PRIMARY[kind], 1)
    assert evidence["guard"]["chosen"] == "lp_ft"
    assert "linear_probe" in {other["name"] for other in evidence["comparisons"]}
    told = evidence["training"]["lp_ft"]
    assert len(told["history"]) == 2
    start = told["start"]
    if kind == "regression":  # a mean of squared errors, and its root
        assert start["val_score"] == pytest.approx(start["val_loss"] ** 0.5, rel=1e-4)
        assert told["temperature"] == 1
    assert told["end"]["val_loss"] <= start["val_loss"] * (1 + 1e-6)  # the start is a point of the training too


@pytest.mark.parametrize("kind", KINDS)
def test_the_bundle_predicts_and_measures_what_the_run_did(runs, kind):
    run, frame = runs[kind], texts_of(kind, ROWS[kind])
    rows = rows_of_test(run)
    assert same_rows(rows, headstart.predict(run.path, frame[["text"]]).rows)
    tested = frame.loc[[int(row["id"]) for row in rows]]
    measured = headstart.evaluate(run.path, tested).evidence["test"][PRIMARY[kind]]["value"]
    assert measured == pytest.approx(run.evidence["test"][PRIMARY[kind]]["value"], abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_config_repeats_the_run_bit_for_bit_with_a_cold_cache(runs, kind, tmp_path):
    again = headstart.fit(config=runs[kind].path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(runs[kind].path)
    assert predictions_of(again.path) == predictions_of(runs[kind].path)


def test_numbers_come_with_an_interval_from_the_validation_rows(runs):
    rows = rows_of_test(runs["regression"])
    assert all(row["low"] < row["prediction"] < row["high"] for row in rows)
    manifest = json.loads((runs["regression"].bundle / "manifest.json").read_text())
    assert "lp_ft" in json.dumps(manifest)
