"""What ships: what was asked for, or what it began from; what is only compared never does."""

from __future__ import annotations

import pytest
import yaml

import headstart
from api.helpers_training import Made
from helpers import make_photos
from shared_run import CLASSES, evidence_of, predictions_of

pytestmark = pytest.mark.usefixtures("cache_of_module")

BY_DEFAULT = {"guard": None}
WILD = {"method.lr": 1.0, "method.clip": 0, "method.interpolate": False}  # no epoch ends better than the probe
NAMED = ("freeze", "epochs", "lr", "precision", "batch_size")
UNNAMED = {f"method.{name}": None for name in NAMED}


@pytest.fixture(scope="module")
def colours(shared, tmp_path_factory):
    """Pictures that the probe tells apart, so that training can only lose."""
    return Made("image", make_photos(tmp_path_factory.mktemp("p") / "p", dict.fromkeys(CLASSES, 16)), shared.model)


def kinds_of(run):
    return {other["name"]: other["kind"] for other in run.evidence["comparisons"]}


def test_by_default_the_probe_ships_where_training_is_not_clearly_better(colours, tmp_path):
    run = colours.fit(tmp_path / "run", settings={**BY_DEFAULT, **WILD})
    guard = run.evidence["guard"]
    assert (guard["chosen"], guard["fell_back"]) == ("linear_probe", True)
    assert "lp_ft is not clearly better than linear_probe" in guard["why"]
    assert guard["rows"] == run.evidence["training"]["lp_ft"]["n_val"]
    assert set(guard["out_of_fold_loss"]) == {"lp_ft", "linear_probe"}
    assert kinds_of(run)["lp_ft"] == "transfer" and "linear_probe" not in kinds_of(run)
    assert yaml.safe_load((run.path / "config.yaml").read_text())["guard"] == "start"
    assert headstart.predict(run.path, colours.data / "red").failed == 0


def test_with_guard_false_what_was_asked_for_ships(colours, tmp_path):
    run = colours.fit(tmp_path / "run", settings=WILD)
    guard = run.evidence["guard"]
    assert (guard["chosen"], guard["fell_back"]) == ("lp_ft", False)
    assert kinds_of(run)["linear_probe"] == "transfer" and "lp_ft" not in kinds_of(run)


def test_a_training_that_diverges_is_put_back_and_says_so(colours, tmp_path):
    told = colours.fit(tmp_path / "run", settings=WILD).evidence["training"]["lp_ft"]
    assert told["best"]["epoch"] == 0 and told["end"]["val_loss"] == pytest.approx(told["start"]["val_loss"], rel=1e-5)
    assert any("back to the best point" in message for message in told["messages"])


def test_a_run_that_fell_back_repeats_from_its_config(colours, tmp_path):
    run = colours.fit(tmp_path / "run", settings={**BY_DEFAULT, **WILD})
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(run.path)
    assert predictions_of(again.path) == predictions_of(run.path)


def test_what_is_only_compared_is_an_ablation_and_never_ships(questions, tmp_path):
    run = questions.fit(tmp_path / "run", compare=["from_scratch"])
    assert run.evidence["guard"]["chosen"] == "lp_ft"
    assert kinds_of(run)["from_scratch"] == "ablation"
    assert set(run.evidence["training"]) == {"lp_ft", "from_scratch"}
    assert "from_scratch" not in run.evidence["guard"]["out_of_fold_loss"]
    assert set(run.evidence["cost"]["training"]) == {"lp_ft", "from_scratch"}


def test_a_compared_method_beside_the_probe_never_ships(questions, tmp_path):
    run = questions.fit(tmp_path / "run", method="linear_probe", compare="fine_tune", settings=UNNAMED)
    assert run.evidence["guard"]["chosen"] == "linear_probe"
    assert kinds_of(run)["fine_tune"] == "transfer"


@pytest.mark.parametrize("method", ["majority_class", "rbf_features"])
def test_trainings_are_compared_with_methods_that_are_no_probe(questions, tmp_path, method):
    run = questions.fit(tmp_path / "run", method=method, compare="fine_tune", settings=UNNAMED)
    assert run.evidence["guard"]["chosen"] == method and kinds_of(run)["fine_tune"] == "transfer"


def test_a_run_with_a_comparison_repeats_from_its_config(questions, tmp_path):
    run = questions.fit(tmp_path / "run", compare=["from_scratch"])
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(run.path)


def test_the_method_asked_for_is_not_compared_with_itself(questions, tmp_path):
    run = questions.fit(tmp_path / "run", compare=["lp_ft"])
    assert list(run.evidence["training"]) == ["lp_ft"] and "lp_ft" not in kinds_of(run)


def test_minutes_beside_a_named_method_that_solves_try_nothing(questions, tmp_path):
    run = questions.fit(tmp_path / "run", method="linear_probe", minutes=5, settings={**UNNAMED, **BY_DEFAULT})
    assert "training" not in run.evidence and run.evidence["guard"]["chosen"] == "linear_probe"


@pytest.mark.parametrize("balance", ["none", "loss", "sampler"])
def test_rare_classes_are_weighed_or_drawn_as_asked(questions, tmp_path, balance):
    run = questions.fit(tmp_path / "run", balance=balance)
    assert yaml.safe_load((run.path / "config.yaml").read_text())["balance"] == balance
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert evidence_of(again.path) == evidence_of(run.path)
