"""A race on plain columns, where nothing is trained: settings of boosted trees."""

from __future__ import annotations

import json

import numpy as np
import pandas
import pytest
import yaml

import headstart
from headstart.core.errors import ConfigError
from made_tables import customers, write_csv


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("table") / "customers.csv", customers())


def fit(data, out, **options):
    return headstart.fit(data, out=out, **{"target": "churn", "threads": 1, **options})


@pytest.fixture(scope="module")
def raced(table, tmp_path_factory):
    return fit(table, tmp_path_factory.mktemp("raced") / "run", tune=4)


def without_cost(run):
    return {key: value for key, value in run.evidence.items() if key not in ("cost", "race")}


def test_so_many_settings_are_tried_and_told(raced):
    race = raced.evidence["race"]
    assert (race["kind"], race["method"], len(race["trials"])) == ("solved", "boosting", 4)
    assert race["stopped"] == "4 trials were made, as many as were asked for"
    assert len({json.dumps(trial["drawn"]) for trial in race["trials"]}) == 4
    for trial in race["trials"]:
        assert set(trial["drawn"]) == {"learning_rate", "least_rows", "l2"}
    assert raced.plan["race"] == race
    assert "4 settings of " in raced.report.read_text()


def test_the_best_takes_the_place_of_the_default(raced, table, tmp_path):
    plain = fit(table, tmp_path / "plain")
    default = plain.evidence["guard"]["out_of_fold_loss"]["boosting"]
    tried = [trial["val_loss"] for trial in raced.evidence["race"]["trials"]]
    reached = raced.evidence["guard"]["out_of_fold_loss"]["boosting"]
    assert reached == pytest.approx(min([default, *tried]), abs=1e-5)
    assert raced.evidence["race"]["best"] == (
        f"boosting#{tried.index(min(tried)) + 1}" if min(tried) < default else None
    )


def test_the_config_repeats_the_choice_without_a_race(raced, tmp_path):
    config = yaml.safe_load((raced.path / "config.yaml").read_text())
    again = headstart.fit(config=raced.path / "config.yaml", out=tmp_path / "again")
    assert "race" not in again.evidence
    chosen = raced.evidence["verdict"]["chosen"]
    assert again.evidence["verdict"]["chosen"] == chosen
    assert again.evidence["test"] == raced.evidence["test"]
    if chosen == "boosting" and raced.evidence["race"]["best"]:
        best = next(t for t in raced.evidence["race"]["trials"] if t["name"] == raced.evidence["race"]["best"])
        assert config["method"] == {"name": "boosting", **best["drawn"]}


def both_kinds(rows=300):
    """Who leaves follows a line in four numbers, and whether two others have one sign, which no line sees."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(rows, 6)).round(3)
    score = numbers[:, :4].sum(axis=1) + 2 * np.sign(numbers[:, 4] * numbers[:, 5]) + rng.normal(size=rows)
    frame = pandas.DataFrame(numbers, columns=list("abcdef"))
    return frame.assign(churn=np.where(score > 0, "gone", "stayed"))


def test_a_blend_is_of_the_trees_that_a_race_found_and_the_config_repeats_it(tmp_path):
    run = fit(write_csv(tmp_path / "both.csv", both_kinds()), tmp_path / "run", tune=3)
    best = next(t for t in run.evidence["race"]["trials"] if t["name"] == run.evidence["race"]["best"])
    assert run.evidence["verdict"]["chosen"] == "blend"
    config = yaml.safe_load((run.path / "config.yaml").read_text())
    assert config["method"] == {"name": "blend", "trees": best["drawn"]}
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert again.evidence["verdict"]["chosen"] == "blend"
    assert again.evidence["test"] == run.evidence["test"]


def test_minutes_on_a_table_are_a_race_of_settings(table, tmp_path):
    run = fit(table, tmp_path / "run", minutes=0.2)
    assert run.evidence["race"]["kind"] == "solved"
    assert run.evidence["race"]["seconds"] < 12
    assert "training" not in run.evidence


# A method that was named


def test_a_named_method_with_a_space_is_searched_and_what_was_set_is_kept(table, tmp_path):
    settings = {"method.l2": 3.0, "method.rounds": 40}
    run = fit(table, tmp_path / "run", method="boosting", tune=2, settings=settings)
    race = run.evidence["race"]
    assert (race["kind"], race["method"], len(race["trials"])) == ("solved", "boosting", 2)
    assert all(set(trial["drawn"]) == {"learning_rate", "least_rows"} for trial in race["trials"])
    config = yaml.safe_load((run.path / "config.yaml").read_text())
    assert config["method"]["name"] == "boosting" and config["tune"] is None
    assert (config["method"]["l2"], config["method"]["rounds"]) == (3.0, 40)
    again = headstart.fit(config=run.path / "config.yaml", out=tmp_path / "again")
    assert again.evidence["test"] == run.evidence["test"] and "race" not in again.evidence


EVERYTHING = {"method.learning_rate": 0.1, "method.least_rows": 5, "method.l2": 1.0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "linear_probe", "tune": 3}, "--tune must stand beside a method whose settings can be searched"),
        ({"method": "linear_probe", "storage": "sqlite:///x.db"}, "--storage must stand beside"),
        ({"method": "boosting", "tune": 3, "settings": EVERYTHING}, "has none that were left open"),
        ({"method": "boosting", "storage": "sqlite:///x.db"}, "--storage keeps a search; none was asked for"),
    ],
)
def test_a_search_that_cannot_be_is_told_before_the_work(table, tmp_path, monkeypatch, options, said):
    monkeypatch.setattr(
        "headstart.fitting.understood.read_sources", lambda *arguments: pytest.fail("it was told too late")
    )
    with pytest.raises(ConfigError, match=said):
        fit(table, tmp_path / "run", **options)
