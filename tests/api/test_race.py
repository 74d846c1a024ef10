"""Trainings that race for a number of trials or for minutes: what ships, what repeats, what is told when it fails."""

from __future__ import annotations

import builtins
import json

import numpy as np
import pandas
import pytest
import yaml

import headstart
from api.helpers_race import BetterLater, Notes, Stop, WorseLater, without_race, without_seconds
from api.helpers_training import LAST, Steps, StoppedAt, rows_of_test, texts_of
from headstart.core.errors import ConfigError, RunInterrupted
from headstart.core.run_folder import RunFolder
from headstart.engine.training.loop import Trainer
from headstart.racing import race as racing
from headstart.selection.halving import Race
from shared_run import predictions_of

pytestmark = pytest.mark.usefixtures("cache_of_module")

RACED = {"guard": None, "method.epochs": 2, "method.freeze": None, "method.lr": None}
UNNAMED = {f"method.{name}": None for name in ("freeze", "epochs", "lr", "precision", "batch_size")}
ALWAYS = {"checkpoint_minutes": 0}  # a checkpoint after every step


def raced(questions, out, settings=None, **options):
    """Three trials of lp_ft, two epochs a cycle."""
    return questions.fit(out, settings={**RACED, **(settings or {})}, **{"tune": 3, **options})


def unnamed(questions, out, **options):
    """A race that names no method."""
    return questions.fit(out, method=None, settings={**UNNAMED, "guard": None}, **options)


@pytest.fixture(scope="module")
def undisturbed(questions, cache, tmp_path_factory):
    """The race that others must equal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return raced(questions, tmp_path_factory.mktemp("run") / "run", {"guard": False})


def document_of(run, name):
    return json.loads((run.path / name).read_text())


def config_of(run):
    return yaml.safe_load((run.path / "config.yaml").read_text())


def steps_of(run, trial):
    """Epochs of a trial in the metrics, in the order they were written."""
    lines = map(json.loads, (run.path / "metrics.jsonl").read_text().splitlines())
    return [line["step"] for line in lines if line["name"] == f"training/{trial}/val_loss"]


# What a race leaves


def test_as_many_trials_as_asked_for_are_told_in_evidence_and_plan(undisturbed):
    race = undisturbed.evidence["race"]
    assert [trial["name"] for trial in race["trials"]] == ["lp_ft#1", "lp_ft#2", "lp_ft#3"]
    assert race == document_of(undisturbed, "plan.json")["race"]
    assert race["stopped"] == "3 trainings were made, as many as asked for"
    best = next(trial for trial in race["trials"] if trial["name"] == race["best"])
    assert best["val_loss"] == min(trial["val_loss"] for trial in race["trials"])
    for trial in race["trials"]:
        assert trial["val_loss"] == min(loss for _, loss in trial["curve"])
        assert len(trial["curve"]) == trial["cycles"] >= trial["kept"] >= 1
        assert steps_of(undisturbed, trial["name"]) == list(range(1, 2 * trial["cycles"] + 1))


def test_the_best_trial_is_the_training_of_the_evidence_and_ships(undisturbed):
    race, (told,) = undisturbed.evidence["race"], undisturbed.evidence["training"].values()
    best = next(trial for trial in race["trials"] if trial["name"] == race["best"])
    assert told["best"]["val_loss"] == pytest.approx(best["val_loss"], abs=1e-4)
    assert told["settings"]["cycles"] == best["kept"] and told["settings"]["epochs"] == 2 * best["kept"]
    assert len(told["history"]) == 2 * best["kept"]
    assert undisturbed.evidence["guard"]["chosen"] == "lp_ft"
    assert not (undisturbed.path / "checkpoints").exists()


def test_the_config_repeats_the_choice_and_races_no_more(undisturbed, tmp_path):
    config = config_of(undisturbed)
    assert config["tune"] is None and config["storage"] is None
    again = headstart.fit(config=undisturbed.path / "config.yaml", out=tmp_path / "again")
    assert "race" not in again.evidence
    assert without_race(again) == without_race(undisturbed)
    assert predictions_of(again.path) == predictions_of(undisturbed.path)


# Interruptions


@pytest.mark.parametrize(
    ("at", "again"),
    [
        ("lp_ft#3 epoch 1:", [1, 2, 3, 4, 5, 6, 7, 8]),  # the third had begun
        pytest.param("lp_ft#1 epoch 2:", None, marks=pytest.mark.slow),
        pytest.param("lp_ft#3 epoch 5:", [5, 6, 7, 8], marks=pytest.mark.slow),  # in its third cycle
        pytest.param("the race is over", [], marks=pytest.mark.slow),
    ],
)
def test_a_race_that_was_killed_goes_on_without_training_again(questions, undisturbed, tmp_path, at, again):
    with pytest.raises(RunInterrupted):
        raced(questions, tmp_path / "run", {"guard": False}, progress=Stop(at), **ALWAYS)
    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        run = headstart.fit(out=tmp_path / "run", resume=True)
    assert without_race(run) == without_race(undisturbed)
    assert predictions_of(run.path) == predictions_of(undisturbed.path)
    assert without_seconds(run.evidence["race"]) == without_seconds(undisturbed.evidence["race"])
    for trial in run.evidence["race"]["trials"]:  # each epoch once, whoever made it
        made = steps_of(run, trial["name"])
        assert sorted({*made}) == list(range(1, 2 * trial["cycles"] + 1)) and len(made) <= 2 * trial["cycles"] + 1
    if again is not None:
        assert len(steps.made) <= 4 * len(again)  # 31 rows in batches of 8


@pytest.mark.slow
def test_where_further_cycles_are_worse_the_first_ships_even_after_an_interruption(questions, tmp_path, monkeypatch):
    WorseLater(monkeypatch)
    with pytest.raises(RunInterrupted):
        raced(questions, tmp_path / "run", {"guard": False}, progress=Stop("lp_ft#3 epoch 5:"), **ALWAYS)
    steps = Steps(monkeypatch)
    run = headstart.fit(out=tmp_path / "run", resume=True)
    best = run.evidence["race"]["trials"][-1]
    assert (best["name"], best["cycles"], best["kept"]) == ("lp_ft#3", 4, 1)
    assert len(steps.made) <= 4 * 4
    settings = run.evidence["training"]["lp_ft"]["settings"]
    assert (settings["epochs"], settings["cycles"]) == (2, 1)
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert without_race(again) == without_race(run)


@pytest.mark.parametrize(
    ("method", "cycles"),
    [
        ("lp_ft", 1),
        pytest.param("gradual_unfreeze", 1, marks=pytest.mark.slow),
        pytest.param("greedy_soup", 2, marks=pytest.mark.slow),
        pytest.param("fine_tune", 1, marks=pytest.mark.slow),
        pytest.param("lora", 1, marks=pytest.mark.slow),
    ],
)
def test_a_second_cycle_gives_the_bits_of_one_training_of_two(questions, tmp_path, monkeypatch, method, cycles):
    own = {"method.freeze": LAST["text"], "method.lr": 3e-4, "guard": False}
    monkeypatch.setattr(racing, "Race", lambda most_trials: Race(most_trials=most_trials, most_rungs=2))
    monkeypatch.setattr(racing._Race, "_judge", BetterLater(racing._Race._judge))
    asked = {**own, "method.epochs": 2 * cycles, "method.cycles": cycles}
    paused = raced(questions, tmp_path / "paused", asked, method=method, tune=1)
    assert paused.evidence["race"]["trials"][0]["kept"] == 2
    asked |= {"method.epochs": 4 * cycles, "method.cycles": 2 * cycles}
    whole = questions.fit(tmp_path / "whole", method=method, settings={**RACED, **asked})
    named = paused.evidence["training"][method]["settings"]
    assert named == whole.evidence["training"][method]["settings"]
    assert without_race(paused) == without_race(whole)
    assert predictions_of(paused.path) == predictions_of(whole.path)


# Where nothing is trained, or little


def test_where_every_trial_fails_the_probe_ships_and_the_first_cause_is_told(questions, tmp_path, monkeypatch):
    causes = iter(["no memory is left\nat all", *["something else"] * 9])

    def failing(*arguments):
        raise RuntimeError(next(causes))

    monkeypatch.setattr(Trainer, "run", failing)
    notes = Notes()
    run = raced(questions, tmp_path / "run", tune=None, minutes=5, method=None, settings=UNNAMED, progress=notes)
    race = run.evidence["race"]
    assert race["best"] is None and "training" not in run.evidence
    assert race["stopped"] == "all 3 trainings failed, the first one since: no memory is left"
    assert [trial["over"] for trial in race["trials"]] == [
        "failed: no memory is left", "failed: something else", "failed: something else",
    ]  # fmt: skip
    assert f"the race is over: {race['stopped']}" in notes.heard
    assert config_of(run)["method"] == {"name": "linear_probe"}
    assert "no memory is left\nat all" in (run.path / "run.log").read_text()


@pytest.mark.slow
def test_where_the_named_training_fails_the_config_names_what_ships(questions, tmp_path, monkeypatch):
    StoppedAt(monkeypatch, 3, RuntimeError("broken"))
    run = raced(questions, tmp_path / "run", tune=2)
    assert run.evidence["race"]["stopped"] == "all 2 trainings failed, the first one since: broken"
    monkeypatch.undo()
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert without_race(again) == without_race(run)


@pytest.mark.slow
def test_a_trial_that_fails_in_a_later_cycle_keeps_what_it_had(questions, undisturbed, tmp_path, monkeypatch):
    StoppedAt(monkeypatch, 9, MemoryError())  # in the second cycle
    race = raced(questions, tmp_path / "run", {"guard": False}).evidence["race"]
    best = race["trials"][-1]
    assert (best["name"], best["cycles"], best["kept"], best["over"]) == ("lp_ft#3", 1, 1, "failed: MemoryError")
    assert race["best"] == "lp_ft#3"


def test_too_few_minutes_leave_the_probe_and_say_why(questions, tmp_path):
    run = unnamed(questions, tmp_path / "run", minutes=0.001)
    race = run.evidence["race"]
    assert (race["best"], race["trials"]) == (None, [])
    assert race["stopped"] == "the time that was given was too short for a training"
    assert "training" not in run.evidence and not (run.path / "checkpoints").exists()
    assert run.plan["minimum"] > 0.001


@pytest.mark.slow
def test_enough_minutes_race_and_repeat_from_the_config(questions, tmp_path):
    run = unnamed(questions, tmp_path / "run", minutes=5, tune=1)
    assert list(run.evidence["training"]) == ["lp_ft"]
    assert run.evidence["race"]["trials"][0]["name"] == "lp_ft#1" and "minimum" not in run.plan
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert without_race(again) == without_race(run)
    assert predictions_of(again.path) == predictions_of(run.path)


def test_nothing_is_trained_on_columns_and_the_reason_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("headstart.racing.race_of_a_fit.tunable", lambda solved: None)  # as where nothing has a space
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"width": rng.normal(size=60), "height": rng.normal(size=60)})
    frame["label"] = np.where(frame.width > 0, "wide", "narrow")
    run = headstart.fit(frame, out=tmp_path / "run", minutes=5, threads=1)
    race = run.evidence["race"]
    assert "training" not in run.evidence and race["trials"] == []
    assert "lp_ft trains a network on examples of one picture, text or recording" in race["stopped"]
    assert document_of(run, "plan.json")["race"] == race


def test_where_nothing_can_be_won_one_trial_is_made(questions, tmp_path, monkeypatch):
    monkeypatch.setattr("headstart.selection.halving.room", lambda shares: 0.0)
    race = raced(questions, tmp_path / "run").evidence["race"]
    assert len(race["trials"]) == 1 and "no candidate can win" in race["stopped"]


# What is raced


@pytest.mark.slow
def test_a_method_trained_from_nothing_competes_where_a_baseline_beats_what_was_pretrained(questions, tmp_path):
    run = unnamed(questions, tmp_path / "run", tune=2)  # counted words tell the topics, the tiny network knows nothing
    tried = run.evidence["race"]["trials"]
    assert [trial["method"] for trial in tried] == ["lp_ft", "from_scratch"]
    assert "freeze" not in tried[1]["drawn"] and tried[1]["drawn"]["lr"] == 1.0
    assert RunFolder(run.path).decision("training/from_scratch#2")["settings"]["freeze"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["regression", "multilabel", "ordinal"])
def test_other_targets_are_raced(text_model, tmp_path, kind):
    settings = {"runtime.name": "eager", "method.epochs": 2, "method.batch_size": 8, "guard": False}
    run = headstart.fit(
        texts_of(kind), out=tmp_path / "run", model=str(text_model), task=kind, method="lp_ft", tune=4, threads=1,
        settings=settings,
    )  # fmt: skip
    race = run.evidence["race"]
    assert len(race["trials"]) == 4 and race["best"]
    assert run.evidence["guard"]["chosen"] == "lp_ft"
    if kind == "regression":
        assert not any("label_smoothing" in trial["drawn"] for trial in race["trials"][3:])
    here = {row["id"]: row["prediction"] for row in headstart.predict(run.path, texts_of(kind)[["text"]]).rows}
    for row in rows_of_test(run):
        assert here[row["id"]] == (
            pytest.approx(row["prediction"], abs=1e-4) if kind == "regression" else row["prediction"]
        )


@pytest.mark.slow
def test_a_named_setting_is_varied_by_no_trial(questions, tmp_path):
    run = raced(questions, tmp_path / "run", {"method.lr": 1e-4, "method.freeze": LAST["text"]}, tune=5)
    settings = RunFolder(run.path)
    for number in range(1, 6):
        found = settings.decision(f"training/lp_ft#{number}")["settings"]
        assert found["lr"] == 1e-4 and found["epochs"] == 2 and found["freeze"] == 2
    assert {*run.evidence["race"]["importance"]} <= {"augmentation", "label_smoothing", "stage_decay"}


# The storage


@pytest.mark.parametrize("address", ["sqlite:////nowhere/race.db", "nosuch://user:secret@host/race"])
def test_a_storage_that_cannot_be_reached_is_told_before_the_work(questions, tmp_path, monkeypatch, address):
    monkeypatch.setattr(
        "headstart.fitting.understood.read_sources", lambda *arguments: pytest.fail("it was told too late")
    )
    with pytest.raises(ConfigError, match="the storage of the race must be reachable") as error:
        raced(questions, tmp_path / "run", storage=address)
    assert error.value.exit_code == 2 and "secret" not in str(error.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_two_races_share_a_storage_and_others_are_told_apart(questions, tmp_path):
    import optuna

    storage = f"sqlite:///{tmp_path / 'race.db'}"
    for number, options in enumerate(({}, {}, {"settings": {"method.epochs": 1}})):
        race = raced(questions, tmp_path / f"run{number}", tune=2, storage=storage, **options).evidence["race"]
        assert [trial["name"] for trial in race["trials"]] == ["lp_ft#1", "lp_ft#2"]
    # one was tried, the second is still to be tried; two and two
    assert sorted(each.n_trials for each in optuna.get_all_study_summaries(storage)) == [3, 4]


def test_without_optuna_one_training_is_made_and_the_reason_told(questions, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] == "optuna":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    race = raced(questions, tmp_path / "run").evidence["race"]
    assert [trial["name"] for trial in race["trials"]] == ["lp_ft#1"] and race["best"] == "lp_ft#1"
    assert "needs the package 'optuna'" in race["stopped"] and "headstart[race]" in race["stopped"]


# The plan


def test_the_plan_tells_the_race(questions):
    def step(**options):
        plan = headstart.fit(
            questions.data, model=str(questions.model), settings={"runtime.name": "eager"}, dry_run=True, **options
        ).document
        return next((each["what"] for each in plan["steps"] if each["name"] == "train"), None)

    assert step(minutes=5) == "a race of trainings, lp_ft first, as far as 5 minutes allow"
    assert step(tune=3) == "a race of 3 trainings, lp_ft first"
    assert step(tune=1) == "one training, lp_ft"
    assert step(method="bitfit", tune=2, minutes=5) == "a race of 2 trainings, bitfit first, as far as 5 minutes allow"
    assert step() is None
    assert step(method="lp_ft").startswith("lp_ft, from the linear probe")
