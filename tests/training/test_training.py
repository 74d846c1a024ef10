"""Train methods from end to end: pictures, texts and recordings; the run repeats, and its bundle says the same."""

from __future__ import annotations

import json
import shutil

import pandas
import pytest
import yaml

import headstart
from api.helpers_training import Boundaries, Steps, made, rows_of_test, same_rows
from shared_run import evidence_of, files_below, predictions_of

KINDS = ("image", "text", "sound")
CANDIDATES = {"image": "pixel_histograms", "text": "tfidf", "sound": "logmel_stats"}


@pytest.fixture(scope="module")
def sets(shared, text_model, sound_model, tmp_path_factory):
    """Data and network of each kind."""
    folder = tmp_path_factory.mktemp("sets")
    return {kind: made(kind, folder, shared, text_model, sound_model) for kind in KINDS}


@pytest.fixture(scope="module")
def runs(sets, cache, tmp_path_factory):
    """One run of each kind."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return {kind: sets[kind].fit(folder / kind) for kind in KINDS}


def inputs_of(sets, kind):
    """The inputs alone, with ids as the run has them."""
    if kind == "text":
        return pandas.read_csv(sets[kind].data)[["text"]]
    return sets[kind].data


def labelled_table(sets, runs, kind, folder):
    """A table of the test rows, labelled."""
    rows = rows_of_test(runs[kind])
    if kind == "text":
        frame = pandas.read_csv(sets[kind].data)
        frame = frame.loc[[int(row["id"]) for row in rows]]
    else:
        files = [sets[kind].data / row["id"] for row in rows]
        frame = pandas.DataFrame({"file": files, "label": [row["target"] for row in rows]})
    frame.to_csv(folder / "test.csv", index=False)
    return folder / "test.csv"


@pytest.mark.parametrize("kind", KINDS)
def test_the_evidence_tells_the_training_and_compares_with_the_probe(runs, kind):
    evidence = runs[kind].evidence
    told = evidence["training"]["lp_ft"]
    assert evidence["guard"]["chosen"] == "lp_ft" and evidence["test_reads"] == 1
    assert [epoch["epoch"] for epoch in told["history"]] == [1, 2]
    assert all({"train_loss", "val_loss", "val_score", "lr", "boundary", "view"} <= set(e) for e in told["history"])
    assert told["n_val"] > 0 and told["settings"]["epochs"] == 2 and told["settings"]["lr"] == 3e-4
    assert any(stage["trained"] for stage in told["stages"]) and not told["stages"][0]["trained"]
    assert {"linear_probe", "majority_class", CANDIDATES[kind]} <= {each["name"] for each in evidence["comparisons"]}
    assert evidence["cost"]["training"]["lp_ft"]["predicted"]["all"] > 0
    assert json.loads((runs[kind].path / "evidence.json").read_text()) == evidence


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_leaves_what_any_run_leaves_and_no_checkpoint(runs, kind):
    files = files_below(runs[kind].path)
    assert {"config.yaml", "bundle/model.onnx", "predictions/test.parquet", "report.html"} <= files
    assert not any(name.startswith("checkpoints") or name.endswith(".pt") for name in files), files
    assert "auto" not in (runs[kind].path / "config.yaml").read_text()
    assert yaml.safe_load((runs[kind].path / "config.yaml").read_text())["method"]["name"] == "lp_ft"


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_of_each_epoch_are_in_the_metrics(runs, kind):
    lines = [json.loads(line) for line in (runs[kind].path / "metrics.jsonl").read_text().splitlines()]
    found = {line["step"]: line["value"] for line in lines if line["name"] == "training/lp_ft/val_loss"}
    history = runs[kind].evidence["training"]["lp_ft"]["history"]
    assert found == {epoch["epoch"]: epoch["val_loss"] for epoch in history}


@pytest.mark.parametrize("kind", KINDS)
def test_run_and_copied_bundle_predict_and_measure_what_the_run_did(sets, runs, kind, tmp_path):
    copy = shutil.copytree(runs[kind].bundle, tmp_path / "elsewhere")
    measured = []
    for place in (runs[kind].path, copy):
        here = headstart.predict(place, inputs_of(sets, kind)).rows
        here = [{**row, "id": row["id"].removeprefix(f"{sets[kind].data}/")} for row in here]
        assert same_rows(rows_of_test(runs[kind]), here)
        measured.append(headstart.evaluate(place, labelled_table(sets, runs, kind, tmp_path)).evidence["test"])
    assert measured[0] == measured[1]
    for name, value in runs[kind].evidence["test"].items():
        if name != "per_class":
            assert measured[0][name]["value"] == pytest.approx(value["value"], abs=1e-4), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_config_repeats_the_run_bit_for_bit_with_a_cold_cache(runs, kind, tmp_path):
    again = headstart.fit(config=runs[kind].path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(runs[kind].path)
    assert predictions_of(again.path) == predictions_of(runs[kind].path)
    assert (again.path / "config.yaml").read_text() == (runs[kind].path / "config.yaml").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_fit_computes_no_boundary_again(sets, runs, kind, cache, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    counted = Boundaries(monkeypatch)
    again = sets[kind].fit(tmp_path / "again")
    assert counted.asked > 0 and counted.computed == 0
    assert evidence_of(again.path) == evidence_of(runs[kind].path)


def test_a_training_by_a_graph_ships_what_it_measured(sets, monkeypatch, cache, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    run = sets["image"].fit(tmp_path / "run", settings={"runtime.name": "onnxruntime"})
    here = headstart.predict(run.path, sets["image"].data).rows
    here = [{**row, "id": row["id"].removeprefix(f"{sets['image'].data}/")} for row in here]
    assert same_rows(rows_of_test(run), here)


@pytest.mark.parametrize("method", ["fine_tune", "from_scratch", "lora", "bitfit", "greedy_soup"])
def test_other_methods_ship_and_repeat_with_a_warm_cache(sets, monkeypatch, cache, tmp_path, method):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    own = {"method.epochs": 4, "method.cycles": 2} if method == "greedy_soup" else {}
    frozen = {"method.freeze": None} if method == "from_scratch" else {}
    run = sets["text"].fit(tmp_path / "run", method=method, settings={**own, **frozen})
    assert run.evidence["guard"]["chosen"] == method
    assert same_rows(rows_of_test(run), headstart.predict(run.path, inputs_of(sets, "text")).rows)
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(run.path)


def test_nothing_trained_changes_nothing(sets, monkeypatch, cache, tmp_path):
    """A rate so small that no epoch can end better by more than rounding, and the same seed: steps are still made."""
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    steps = Steps(monkeypatch)
    run = sets["text"].fit(tmp_path / "run", settings={"method.lr": 1e-12})
    assert steps.made
    told = run.evidence["training"]["lp_ft"]
    assert told["end"]["val_loss"] == pytest.approx(told["start"]["val_loss"], abs=1e-4)


def test_another_seed_gives_another_training(sets, runs, monkeypatch, cache, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    other = sets["text"].fit(tmp_path / "run", seed=5)
    assert other.evidence["training"]["lp_ft"]["history"] != runs["text"].evidence["training"]["lp_ft"]["history"]
