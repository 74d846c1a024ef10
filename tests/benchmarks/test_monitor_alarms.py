"""The monitor's benchmark: its parts on made rows, and that its results say what is written of them."""

from __future__ import annotations

import json

import monitor_alarms
import numpy as np
import pytest
from alarms import drifts
from alarms.model import monitored
from alarms.rows import Rows

from docs.helpers_pages import ROOT
from headstart.core.table import Column, Table

RESULTS = json.loads((ROOT / "benchmarks" / "results" / "monitor_alarms.json").read_text())


def made(n=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    features = (rng.normal(size=(n, 6)) + truth[:, None]).astype(np.float32)
    return Rows(truth, features, {"brightness": rng.normal(100, 10, n)}, Table())


@pytest.fixture(scope="module")
def model():
    return monitored(made(), ("no", "yes"), 0)


def test_windows_without_a_change_share_no_example_and_have_models_of_their_own():
    plan = monitor_alarms.Plan(200, 100)
    found = monitor_alarms.without_a_change(made(), ("no", "yes"), plan, 4, 0)
    assert (found["windows"], found["draws"]) == (4, 2)
    assert found["alarms"] == sum(found["families"].values()) == 0


def test_a_planted_change_is_found_and_sizes_that_cannot_be_drawn_are_left_out(model):
    rows = made(120, 1)
    dark = Rows(rows.truth, rows.features, {"brightness": rows.facts["brightness"] - 60}, Table())
    found = list(monitor_alarms.with_changes(model, {"none": drifts.drawn(rows), "dark": drifts.drawn(dark)}, 0))
    assert [(each["change"], each["window"]) for each in found] == [
        ("none", 50), ("none", 100), ("dark", 50), ("dark", 100),
    ]  # fmt: skip
    assert [each["found"] for each in found] == [0, 0, 1, 1]
    assert set(found[-1]["families"]) == {"quality"}


def test_tilted_windows_hold_even_classes_as_often_as_is_said():
    rows = drifts.tilted(made(), 4.0)(4000, np.random.default_rng(0))
    before = (made().truth == 0).mean()
    assert (rows.truth == 0).mean() == pytest.approx(4 * before / (4 * before + 1 - before), abs=0.03)


def test_columns_are_changed_and_the_others_left():
    columns = {"a": Column("number", np.array([1.0, 2.0])), "b": Column("category", np.array(["x", "y"], object))}
    table = Table(columns)
    assert drifts.scaled("a", 2.0)(table).columns["a"].values.tolist() == [2.0, 4.0]
    assert drifts.renamed("b", "x", "z")(table).columns["b"].values.tolist() == ["z", "y"]
    assert drifts.missing("b", 1.0)(table).columns["b"].values.tolist() == [None, None]
    assert table.columns["a"].values.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("name", RESULTS)
def test_false_alarms_stay_below_what_was_meant_on_every_set(name):
    found = RESULTS[name]["without"]
    assert found["windows"] >= 1000
    assert found["high"] < found["target"]


def test_the_tables_are_those_of_the_results():
    shown = (ROOT / "benchmarks" / "results" / "monitor_alarms.md").read_text()
    assert shown == monitor_alarms.table(RESULTS)
    assert shown.strip() in (ROOT / "benchmarks" / "README.md").read_text()
