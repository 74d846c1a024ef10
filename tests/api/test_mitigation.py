"""A shortcut in the training part, and what a mitigation that was asked for does about it."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

import headstart
from api.helpers_training import LAST, SHORT, rows_of_test, same_rows, texts
from headstart.core.errors import ConfigError
from made_tables import write_csv
from made_texts import TOPICS


def shortcut(rows=600, seed=0):
    """`easy` follows the class but for one group, where it says the opposite; `real` follows it everywhere, weakly."""
    rng = np.random.default_rng(seed)
    target = rng.integers(2, size=rows)
    few = rng.random(rows) < 0.1
    easy = np.where(few, 1 - target, target) + 0.3 * rng.normal(size=rows)
    return pandas.DataFrame({
        "easy": easy, "real": target + 0.6 * rng.normal(size=rows), "noise": rng.normal(size=rows),
        "group": np.where(few, "few", "many"), "label": np.where(target == 1, "yes", "no"),
    })  # fmt: skip


ASKED = {"method": "linear_probe", "slices": "group", "input": "easy,real,noise"}
FIXED = {"guard": False, "cache": "off"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("shortcut") / "s.csv", shortcut())


@pytest.fixture(scope="module")
def helped(data, tmp_path_factory):
    settings = {**FIXED, "mitigation": "dfr", "mitigation.worst": "group_class"}
    return headstart.fit(data, out=tmp_path_factory.mktemp("m") / "run", settings=settings, **ASKED)


def accuracy_of_few(run):
    return run.evidence["slices"]["group"]["few"][run.evidence["primary"]]["value"]


def test_the_worst_group_gains_on_the_test_and_the_price_is_told(data, helped, tmp_path):
    plain = headstart.fit(data, out=tmp_path / "plain", settings=FIXED, **ASKED)
    assert accuracy_of_few(helped) > accuracy_of_few(plain) + 0.2
    section = helped.evidence["mitigation"]
    assert section["ships"] == "dfr" and "mitigation" not in plain.evidence
    (before,) = [other for other in helped.evidence["comparisons"] if other["name"] == "without_mitigation"]
    assert before["accuracy"]["value"] == pytest.approx(plain.evidence["test"]["accuracy"]["value"])


def test_the_bundle_predicts_as_it_was_mitigated(helped, data):
    rows = headstart.predict(helped.path, data).to_pandas()
    right = (rows["prediction"] == shortcut()["label"]).groupby(shortcut()["group"]).mean()
    assert right["few"] > 0.5


@pytest.mark.slow
def test_a_comparison_changes_nothing(data, tmp_path):
    found = headstart.fit(data, out=tmp_path / "c", settings={**FIXED, "mitigation": "compare"}, **ASKED)
    plain = headstart.fit(data, out=tmp_path / "plain", settings=FIXED, **ASKED)
    assert found.evidence["test"] == plain.evidence["test"] and found.evidence["mitigation"]["ships"] == "none"
    assert {each["mitigation"] for each in found.evidence["mitigation"]["points"]} >= {"none", "dfr", "reweighting"}
    assert "Can it serve everyone better?" in found.report.read_text()


@pytest.mark.slow
def test_it_is_repeated_by_its_config(helped, data, tmp_path):
    again = headstart.fit(data, config=helped.path / "config.yaml", out=tmp_path / "again")
    assert again.evidence["test"] == helped.evidence["test"]


@pytest.mark.parametrize(
    ("options", "settings", "what"),
    [
        ({}, {"mitigation": "dffr"}, "Did you mean 'dfr'"),
        ({"slices": None}, {"mitigation": "dfr"}, "needs groups; none were named"),
        ({}, {"mitigation": "group_thresholds"}, "must do without the group of whoever it decides about"),
        ({"method": "boosting"}, {"mitigation": "dfr"}, "dfr changes a linear model"),
        ({}, {"mitigation.strength": 0.5}, "mitigation"),
    ],
)
def test_what_cannot_be_is_refused(data, tmp_path, options, settings, what):
    with pytest.raises(ConfigError, match=what):
        headstart.fit(data, out=tmp_path / "run", settings={**FIXED, **settings}, **{**ASKED, **options})


def test_groups_of_nobody_are_refused(tmp_path):
    frame = shortcut(200).assign(group="all")
    with pytest.raises(ConfigError, match="the same group"):
        headstart.fit(write_csv(tmp_path / "s.csv", frame), out=tmp_path / "run",
                      settings={**FIXED, "mitigation": "compare"}, **ASKED)  # fmt: skip


TRAINED = {**SHORT, "guard": False, "method.freeze": LAST["text"], "method.epochs": 1}


def said_by_two(folder):
    """Texts by two people."""
    data = texts(folder / "t.csv", 240 // len(TOPICS))
    frame = pandas.read_csv(data).assign(by=lambda rows: np.where(np.arange(len(rows)) % 2, "anna", "ben"))
    frame.to_csv(data, index=False)
    return data


@pytest.fixture(scope="module")
def retrained(text_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("retrained")
    settings = {**TRAINED, "mitigation": "dfr", "mitigation.worst": "group"}
    asked = {"model": str(text_model), "method": "lp_ft", "input": "text", "slices": "by", "threads": 1}
    data = said_by_two(folder)
    return headstart.fit(data, out=folder / "run", settings=settings, **asked), data


def test_the_last_layer_of_a_trained_network_is_solved_again_on_rows_it_did_not_learn_from(retrained):
    run, _ = retrained
    section = run.evidence["mitigation"]
    assert section["from"] == "validation examples" and section["ships"] == "dfr"
    assert section["n"] == run.evidence["n"]["train"] - round(run.evidence["n"]["train"] * 0.8)
    assert run.evidence["guard"]["chosen"] == "lp_ft"
    assert "without_mitigation" in {other["name"] for other in run.evidence["comparisons"]}
    assert {point["mitigation"] for point in section["points"]} >= {"none", "dfr", "group_dro", "reweighting"}
    assert "held-out folds of the validation examples" in run.report.read_text()


def test_a_trained_network_ships_with_that_last_layer(retrained):
    run, data = retrained
    assert same_rows(rows_of_test(run), headstart.predict(run.path, pandas.read_csv(data)[["text"]]).rows)


def test_too_few_validation_rows_of_a_group_are_said_to_be_these(text_model, tmp_path):
    data = texts(tmp_path / "t.csv", 40 // len(TOPICS))
    frame = pandas.read_csv(data)
    frame.assign(by=np.where(np.arange(len(frame)) % 2, "a", "b")).to_csv(data, index=False)
    with pytest.raises(ConfigError, match=r"here of the \d+ validation examples\."):
        headstart.fit(data, model=str(text_model), method="lp_ft", input="text", slices="by", threads=1,
                      out=tmp_path / "run", settings={**TRAINED, "mitigation": "compare"})  # fmt: skip
