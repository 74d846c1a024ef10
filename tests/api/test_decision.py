import json

import pandas
import pytest

import headstart
from headstart.core.errors import ConfigError
from made_tables import customers, write_csv


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decision")
    data = write_csv(folder / "customers.csv", customers(400))
    run = headstart.fit(data, target="churn", out=folder / "run", settings={
        "decision.recall": 0.9, "decision.positive": "gone", "cache": "off",
    })  # fmt: skip
    return data, run


def test_the_recall_that_was_asked_for_is_told_with_its_interval(asked):
    section = asked[1].evidence["decision"]
    assert section["positive"] == "gone" and section["asked"] == {"positive": "gone", "recall": 0.9}
    assert section["held_out"]["recall"]["value"] >= 0.9
    assert section["test"]["recall"]["low"] < section["test"]["recall"]["value"]
    assert section["says"] in asked[1].evidence["sentence"]


def test_the_bundle_decides_by_the_threshold(asked):
    data, run = asked
    threshold = run.evidence["decision"]["rule"]["threshold"]
    rows = headstart.predict(run.path, data).to_pandas()
    assert ((rows["probability_gone"] >= threshold) == (rows["prediction"] == "gone")).all()
    assert rows["prediction"].nunique() == 2


def test_evaluate_judges_by_the_same_rule(asked):
    data, run = asked
    found = headstart.evaluate(run.path, data, target="churn").evidence["decision"]
    assert found["rule"] == run.evidence["decision"]["rule"] and found["kept"] in ("yes", "no", "unclear")


def test_the_report_shows_the_threshold_that_is_used(asked):
    page = (asked[1].path / "report.html").read_text()
    assert "Where is the line drawn?" in page and page.count('<span class="note">used</span>') == 1


def test_config_repeats_the_decision(asked, tmp_path):
    data, run = asked
    again = headstart.fit(data, config=run.path / "config.yaml", out=tmp_path / "again")
    assert again.evidence["decision"] == run.evidence["decision"]


def test_an_unknown_class_is_told_before_any_work(asked, tmp_path):
    with pytest.raises(ConfigError, match="decision.positive must be one of"):
        headstart.fit(asked[0], target="churn", settings={"decision.recall": 0.9, "decision.positive": "goen"},
                      out=tmp_path / "none")  # fmt: skip
    assert not (tmp_path / "none").exists()


def test_costs_of_numbers_are_refused(tmp_path):
    data = write_csv(
        tmp_path / "t.csv", pandas.DataFrame({"x": [x % 7 for x in range(60)], "target": [x * 1.37 for x in range(60)]})
    )
    with pytest.raises(ConfigError, match="the task is regression"):
        headstart.fit(data, settings={"decision.recall": 0.9}, out=tmp_path / "run")


def test_two_runs_on_the_same_test_are_compared(asked, tmp_path):
    data, run = asked
    usual = headstart.fit(data, target="churn", out=tmp_path / "usual", settings={"cache": "off"})
    page = headstart.report(usual.path, against=run.path)
    found = json.loads(page.with_suffix(".json").read_text())
    assert page == usual.path / "against-run.html" and found["n"] == usual.evidence["n"]["test"]
    accuracy = found["accuracy"]
    assert accuracy["one"] == pytest.approx(usual.evidence["test"]["accuracy"]["value"])
    assert accuracy["other"] == pytest.approx(run.evidence["test"]["accuracy"]["value"])
    assert found["difference"]["value"] == pytest.approx(accuracy["one"] - accuracy["other"])


@pytest.mark.slow
def test_another_test_split_is_refused(asked, tmp_path):
    data, run = asked
    other = headstart.fit(data, target="churn", seed=1, out=tmp_path / "other", settings={"cache": "off"})
    with pytest.raises(ConfigError, match="must have the same test examples"):
        headstart.report(run.path, against=other.path)
    with pytest.raises(ConfigError, match="a finished run must be named"):
        headstart.report(run.path, against=tmp_path)
