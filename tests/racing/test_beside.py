"""Solved candidates beside the probe: named, or tried by a race before its trainings."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

import headstart
from api.helpers_race import Notes, without_race
from api.helpers_training import rows_of_test
from headstart.core.errors import ConfigError, RunInterrupted
from headstart.core.run_folder import RunFolder
from headstart.racing import beside
from shared_run import predictions_of

RUNTIME = {"runtime.name": "onnxruntime"}


@pytest.fixture(scope="module")
def raced(shared, tmp_path_factory):
    """Too few seconds for a training, and enough for what is solved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(shared.cache))
        patch.setattr(beside, "SHARE", 1.0)
        patch.setattr("headstart.racing.race_of_a_fit._trainings", _without_training)
        notes = Notes()
        run = shared.fit(tmp_path_factory.mktemp("raced") / "run", method=None, minutes=3, progress=notes)
        return run, notes


def _without_training(work, solved, progress, seconds):
    from headstart.racing.race import RaceOutcome

    document = {"best": None, "trials": [], "stopped": "nothing is trained", "seconds": 0.0, "importance": {}}
    return RaceOutcome(None, document)


def test_a_race_solves_them_first_and_tells_what_came_of_it(raced):
    run, notes = raced
    told = {one["name"]: one for one in run.evidence["race"]["beside"]}
    assert list(told) == ["root_probe", "boosted_directions"]
    losses = run.evidence["guard"]["out_of_fold_loss"]
    for name, one in told.items():
        assert one["loss"] == pytest.approx(losses[name], abs=1e-4)
        assert one["probe_loss"] == pytest.approx(losses["linear_probe"], abs=1e-4)
        assert any(note.startswith(f"beside linear_probe: {name} is ") for note in notes.heard)
    assert run.plan["race"]["beside"] == run.evidence["race"]["beside"]
    assert run.evidence["guard"]["chosen"] == min(losses, key=lambda name: losses[name])
    assert {"root_probe", "boosted_directions"} <= {one["name"] for one in run.evidence["comparisons"]} | {
        run.evidence["verdict"]["chosen"]
    }


def test_the_config_names_them_and_repeats_the_run(raced, warm, tmp_path):
    run, _ = raced
    config = yaml.safe_load((run.path / "config.yaml").read_text())
    assert config["beside"] == ["root_probe", "boosted_directions"]
    again = headstart.fit(config=run.path / "config.yaml", settings={"minutes": None}, out=tmp_path / "again")
    assert without_race(again) == without_race(run)
    assert predictions_of(again.path) == predictions_of(run.path)


@pytest.mark.parametrize("name", ["root_probe", "boosted_directions"])
def test_what_is_shipped_predicts_from_its_bundle_as_in_the_run(warm, tmp_path, name):
    run = warm.fit(tmp_path / "run", method=name)
    assert run.evidence["verdict"]["chosen"] == name
    told = rows_of_test(run)
    paths = [str(warm.photos / row["id"]) for row in told]
    found = headstart.predict(run.path / "bundle", paths).rows
    assert told and [row["prediction"] for row in found] == [row["prediction"] for row in told]


def test_one_that_is_named_takes_part_without_a_race(warm, tmp_path):
    settings = {**RUNTIME, "beside": ["root_probe"], "guard": True}
    run = warm.fit(tmp_path / "run", method=None, settings=settings)
    assert "root_probe" in run.evidence["guard"]["out_of_fold_loss"] and "race" not in run.evidence


@pytest.mark.parametrize("names", [["root_prob"], ["knn"], ["linear_probe"]])
def test_what_cannot_be_solved_beside_is_told_before_the_work(warm, tmp_path, monkeypatch, names):
    monkeypatch.setattr(
        "headstart.fitting.understood.read_sources", lambda *arguments: pytest.fail("it was told too late")
    )
    with pytest.raises(ConfigError, match="beside"):
        warm.fit(tmp_path / "run", settings={**RUNTIME, "beside": names})


def test_what_would_take_more_than_its_share_is_not_tried(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("headstart.racing.race_of_a_fit._trainings", _without_training)
    monkeypatch.setattr(beside, "guessed_seconds", lambda name, *size: 1.0 if name == "root_probe" else 1e6)
    run = warm.fit(tmp_path / "run", method=None, minutes=3)
    root, boosted = run.evidence["race"]["beside"]
    assert "loss" in root and "of the time that is left" in boosted["skipped"]
    assert "boosted_directions" not in run.evidence["guard"]["out_of_fold_loss"]


def test_a_run_that_goes_on_tries_what_was_decided(warm, tmp_path, monkeypatch):
    def stopped(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("headstart.racing.race_of_a_fit._trainings", stopped)
    monkeypatch.setattr(beside, "guessed_seconds", lambda name, *size: 1.0 if name == "root_probe" else 1e6)
    with pytest.raises(RunInterrupted):
        warm.fit(tmp_path / "run", method=None, minutes=3)
    decided = RunFolder(tmp_path / "run").decision("beside")
    monkeypatch.setattr("headstart.racing.race_of_a_fit._trainings", _without_training)
    monkeypatch.setattr(beside, "guessed_seconds", lambda *arguments: 1e6)  # the clock says another thing now
    run = headstart.fit(out=tmp_path / "run", resume=True)
    assert run.evidence["race"]["beside"] == decided
    assert "root_probe" in run.evidence["guard"]["out_of_fold_loss"]


def test_one_that_fails_is_left_out_and_the_reason_told(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("headstart.racing.race_of_a_fit._trainings", _without_training)
    monkeypatch.setattr(beside, "SHARE", 1.0)

    def failing(*arguments):
        raise FloatingPointError("it went wrong")

    monkeypatch.setattr(beside, "solve_one", failing)
    run = warm.fit(tmp_path / "run", method=None, minutes=3)
    assert [one["skipped"] for one in run.evidence["race"]["beside"]] == ["it went wrong"] * 2
    assert run.evidence["verdict"]["chosen"]


def test_the_guess_grows_with_rows_features_and_outputs():
    small = beside.guessed_seconds("root_probe", 100, 10, 3)
    assert small < beside.guessed_seconds("root_probe", 200, 10, 3) < beside.guessed_seconds("root_probe", 200, 40, 3)
    assert beside.guessed_seconds("boosted_directions", 100, 10, 2) < beside.guessed_seconds(
        "boosted_directions", 100, 10, 5
    )
    assert beside.guessed_seconds("rbf_features", 100, 10, 2) == np.inf


def test_what_is_told_is_json(raced):
    run, _ = raced
    json.dumps(run.evidence["race"]["beside"], allow_nan=False)
