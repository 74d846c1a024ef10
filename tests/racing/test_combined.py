"""Trainings of a race that ship together: averaged weights, averaged outputs, and where nothing pays."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

import headstart
from api.helpers_race import Notes, Stop, without_race, without_seconds
from api.helpers_training import Steps, rows_of_test, same_rows, texts_of
from headstart import bundle
from headstart.core.errors import ConfigError, RunInterrupted
from headstart.core.learning import Fitted
from headstart.core.run_folder import RunFolder
from headstart.methods.linear import linear_outputs
from headstart.racing import combined
from headstart.racing import combining as race_combining
from headstart.racing.combined import stacked
from headstart.request.combination import Combination
from headstart.selection.combining import Chosen
from shared_run import predictions_of

pytestmark = pytest.mark.usefixtures("cache_of_module")

RACED = {"guard": False, "method.epochs": 2, "method.freeze": None, "method.lr": None}


def raced(questions, out, settings=None, **options):
    """Three trials of lp_ft, two epochs a cycle; what they come to ships."""
    return questions.fit(out, settings={**RACED, **(settings or {})}, **{"tune": 3, **options})


def forced(patch, how):
    """Two trainings are better together than all others, the second of them counted twice where it can be."""

    def two(found, *arguments):
        return Chosen(dict(zip(list(found)[:2], (1, 2 if how == "ensemble" else 1), strict=True)), 0.0, 1)

    patch.setattr(race_combining, "greedy_soup", two if how == "soup" else lambda *arguments: Chosen())
    patch.setattr(race_combining, "forward_selection", two if how == "ensemble" else lambda *arguments: Chosen())


@pytest.fixture(scope="module")
def ensemble(questions, cache, tmp_path_factory):
    """A race whose outputs are averaged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        forced(patch, "ensemble")
        return raced(questions, tmp_path_factory.mktemp("run") / "run", ensemble=True)


@pytest.fixture(scope="module")
def averaged(questions, cache, tmp_path_factory):
    """A race whose weights are averaged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(cache))
        return raced(questions, tmp_path_factory.mktemp("run") / "run")


def config_of(run):
    return yaml.safe_load((run.path / "config.yaml").read_text())


# By hand


def head_of(weight, bias):
    return Fitted({"weight": np.array(weight, np.float32), "bias": np.array(bias, np.float32)}, {"method": "lp_ft"})


def test_a_stacked_head_gives_the_mean_of_outputs():
    # Two networks of one feature each, the first counted twice: (2 * (x + 1) + (5 y + 4)) / 3, and all of it doubled.
    found = stacked([head_of([[1.0]], [1.0]), head_of([[5.0]], [4.0])], (2, 1), factor=2.0)
    np.testing.assert_allclose(found.arrays["weight"], [[4 / 3, 10 / 3]])
    np.testing.assert_allclose(found.arrays["bias"], [2 * (2 + 4) / 3])


def test_a_mean_of_logits_is_the_normalised_geometric_mean_of_probabilities():
    rng = np.random.default_rng(0)
    heads = [head_of(rng.normal(size=(3, 4)), rng.normal(size=3)) for _ in range(2)]
    features = [rng.normal(size=(5, 4)).astype(np.float32) for _ in heads]

    def probabilities(outputs):
        values = np.exp(outputs)
        return values / values.sum(1, keepdims=True)

    pool = np.sqrt(
        np.prod([probabilities(linear_outputs(*pair)) for pair in zip(heads, features, strict=True)], axis=0)
    )
    together = linear_outputs(stacked(heads, (1, 1)), np.hstack(features))
    np.testing.assert_allclose(probabilities(together), pool / pool.sum(1, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize(
    ("times", "how", "says"),
    [((1,), "soup", "times must hold"), ((0, 1), "ensemble", "at least 1"), ((2, 1), "soup", "once in a soup")],
)
def test_a_combination_that_does_not_fit_together_is_refused(times, how, says):
    with pytest.raises(ConfigError, match=says):
        Combination.parse({"how": how, "others": [{"name": "lp_ft"}], "times": times}, "combine")


# Averaged weights


def test_averaged_weights_are_told_and_ship_as_one_network(averaged):
    told = averaged.evidence["race"]["combined"]
    assert (
        told["how"] == "soup" and len(told["members"]) > 1 and told["members"][0] == averaged.evidence["race"]["best"]
    )
    best = min(trial["val_loss"] for trial in averaged.evidence["race"]["trials"])
    assert told["val_loss"] < told["single"] == best
    assert json.loads((averaged.path / "plan.json").read_text())["race"]["combined"] == told
    (report,) = averaged.evidence["training"].values()
    assert report["end"]["val_loss"] == pytest.approx(told["val_loss"], abs=1e-4)
    assert report["combined"]["how"] == "soup"
    assert averaged.evidence["guard"]["chosen"] == "lp_ft"
    assert len(bundle.read(averaged.path).manifest.networks) == 1
    page = (averaged.path / "report.html").read_text()
    assert "The averaged weights of numbers" in page and "Nothing was combined" not in page


def test_the_config_repeats_averaged_weights_without_a_search(averaged, tmp_path):
    config = config_of(averaged)
    assert config["tune"] is None and config["combine"]["how"] == "soup"
    assert len(config["combine"]["others"]) == len(averaged.evidence["race"]["combined"]["members"]) - 1
    again = headstart.fit(config=averaged.path / "config.yaml", out=tmp_path / "again")
    assert "race" not in again.evidence
    assert without_race(again) == without_race(averaged)
    assert predictions_of(again.path) == predictions_of(averaged.path)
    assert (again.bundle / "weights.safetensors").read_bytes() == (averaged.bundle / "weights.safetensors").read_bytes()
    assert config_of(again)["combine"] == config["combine"] and config_of(again)["method"] == config["method"]


def test_a_bundle_of_averaged_weights_predicts_what_the_fit_did(averaged, questions):
    here = rows_of_test(averaged)
    there = headstart.predict(averaged.path, questions.data).rows
    assert same_rows(here, there)


# Averaged outputs


def test_averaged_outputs_ship_as_several_networks_in_one_bundle(ensemble, questions):
    told = ensemble.evidence["race"]["combined"]
    assert told["how"] == "ensemble" and len(told["members"]) == 2 and told["times"] == [1, 2]
    manifest = bundle.read(ensemble.path).manifest
    assert len(manifest.networks) == len(manifest.sources) == len(told["members"])
    assert manifest.parity["status"] == "checked"
    assert same_rows(rows_of_test(ensemble), headstart.predict(ensemble.path, questions.data).rows)
    assert "The averaged outputs of numbers" in (ensemble.path / "report.html").read_text()


def test_the_config_repeats_averaged_outputs_without_a_search(ensemble, tmp_path):
    config = config_of(ensemble)
    assert config["ensemble"] is False and config["combine"]["times"] == ensemble.evidence["race"]["combined"]["times"]
    again = headstart.fit(config=ensemble.path / "config.yaml", out=tmp_path / "again")
    assert without_race(again) == without_race(ensemble)
    assert predictions_of(again.path) == predictions_of(ensemble.path)
    assert (again.bundle / "weights.safetensors").read_bytes() == (ensemble.bundle / "weights.safetensors").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["regression", "multilabel", "ordinal"])
@pytest.mark.parametrize("how", ["soup", "ensemble"])
def test_other_targets_are_combined(text_model, tmp_path, kind, how, monkeypatch):
    forced(monkeypatch, how)
    settings = {"runtime.name": "eager", "method.epochs": 2, "method.batch_size": 8, "guard": False}
    run = headstart.fit(
        texts_of(kind), out=tmp_path / "run", model=str(text_model), task=kind, method="lp_ft", tune=4, threads=1,
        ensemble=how == "ensemble", settings=settings,
    )  # fmt: skip
    assert run.evidence["race"]["combined"]["how"] == how
    assert len(bundle.read(run.path).manifest.networks) == (2 if how == "ensemble" else 1)
    here = {row["id"]: row["prediction"] for row in headstart.predict(run.path, texts_of(kind)[["text"]]).rows}
    for row in rows_of_test(run):
        is_number = kind == "regression"
        assert here[row["id"]] == (pytest.approx(row["prediction"], abs=1e-4) if is_number else row["prediction"])


# Where nothing pays, or cannot be


def test_where_nothing_is_better_together_the_best_alone_ships_and_the_reason_is_told(questions, tmp_path, monkeypatch):
    monkeypatch.setattr(race_combining.Combining, "_loss", lambda self, outputs: 100.0)
    notes = Notes()
    run = raced(questions, tmp_path / "run", ensemble=True, progress=notes)
    told = run.evidence["race"]["combined"]
    assert (told["how"], told["members"], told["val_loss"]) == (None, [], None)
    assert "had a smaller validation loss than the best alone" in told["why"]
    assert any(each.startswith("nothing is combined: none of") for each in notes.heard)
    (report,) = run.evidence["training"].values()
    assert "combined" not in report and report["end"]["val_loss"] == pytest.approx(told["single"], abs=1e-4)
    assert config_of(run)["combine"] is None and len(bundle.read(run.path).manifest.networks) == 1
    assert "Nothing was combined: none of" in (run.path / "report.html").read_text()


def test_one_training_has_nothing_to_be_combined_with(questions, tmp_path):
    told = raced(questions, tmp_path / "run", tune=1, ensemble=True).evidence["race"]["combined"]
    assert told["how"] is None and told["why"] == race_combining.ALONE


def test_without_time_nothing_is_combined(questions, tmp_path, monkeypatch):
    monkeypatch.setattr(race_combining.Combining, "left", -1.0)
    told = raced(questions, tmp_path / "run", ensemble=True).evidence["race"]["combined"]
    assert told["how"] is None and told["why"] == race_combining.NO_TIME


def test_an_ensemble_without_a_race_is_refused_before_the_work(questions, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "headstart.fitting.understood.read_sources", lambda *arguments: pytest.fail("it was told too late")
    )
    with pytest.raises(ConfigError, match="Give --minutes N or --tune N"):
        questions.fit(tmp_path / "run", ensemble=True)


def test_a_config_that_combines_what_does_not_train_is_refused(averaged, tmp_path):
    config = config_of(averaged)
    config["combine"]["others"][0] = {"name": "linear_probe"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(ConfigError, match="combine must name train methods.*'linear_probe'"):
        headstart.fit(config=tmp_path / "config.yaml", out=tmp_path / "run")


# Interruptions


@pytest.mark.parametrize(
    ("run_of", "options"), [("averaged", {}), pytest.param("ensemble", {"ensemble": True}, marks=pytest.mark.slow)]
)
def test_a_run_that_was_killed_after_its_choice_goes_on_without_choosing_again(
    questions, tmp_path, monkeypatch, request, run_of, options
):
    undisturbed = request.getfixturevalue(run_of)
    with monkeypatch.context() as patch:
        if run_of == "ensemble":
            forced(patch, "ensemble")
        with pytest.raises(RunInterrupted):
            raced(questions, tmp_path / "run", progress=Stop("combined:"), **options)
    assert RunFolder(tmp_path / "run").decision(race_combining.DECISION)["how"]
    monkeypatch.setattr(race_combining.Combining, "_decided", lambda self: pytest.fail("it was decided already"))
    steps = Steps(monkeypatch)
    run = headstart.fit(out=tmp_path / "run", resume=True)
    assert not steps.made
    assert without_race(run) == without_race(undisturbed)
    assert without_seconds(run.evidence["race"]) == without_seconds(undisturbed.evidence["race"])
    assert predictions_of(run.path) == predictions_of(undisturbed.path)


def test_a_repetition_that_was_killed_goes_on_where_it_was(averaged, tmp_path, monkeypatch):
    real = combined.Training.train

    def stopped(training, setup, **options):
        if training.asked.trial.endswith("#2"):
            raise KeyboardInterrupt
        return real(training, setup, **options)

    with monkeypatch.context() as patch:
        patch.setattr(combined.Training, "train", stopped)
        with pytest.raises(RunInterrupted):
            headstart.fit(config=averaged.path / "config.yaml", out=tmp_path / "again")
    again = headstart.fit(out=tmp_path / "again", resume=True)
    assert without_race(again) == without_race(averaged)
    assert predictions_of(again.path) == predictions_of(averaged.path)
