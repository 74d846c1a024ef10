"""A shortcut in the training part, and what a mitigation that was asked for does about it."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

import headstart
from headstart.core.errors import ConfigError
from made_tables import write_csv


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
        ({"method": "lp_ft"}, {"mitigation": "dfr"}, "a training was asked for"),
        ({"minutes": 1.0}, {"mitigation": "dfr"}, "a training was asked for"),
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
