"""Sets of labels, grades and numbers from end to end: evidence, predictions, evaluate on the bundle."""

from __future__ import annotations

import itertools
import json
import random

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import headstart
from made_tables import customers
from made_texts import TOPICS, question
from tiny_models import EAGER

ALWAYS = {
    "schema", "headstart_version", "sentence", "test_reads", "task", "primary", "primary_reason", "n", "test",
    "audit", "calibration", "comparisons", "verdict", "guard", "learning_curve", "cost", "backbone", "data", "hashes",
    "warnings",
}  # fmt: skip
MEASURED_AGAIN = ALWAYS - {"audit", "comparisons", "verdict", "guard", "learning_curve", "hashes"}


def with_labels(rows=48):
    """Texts with the topics they are about, one or two, as a list."""
    rng = random.Random(0)
    found = []
    for number in range(rows):
        topics = rng.sample(list(TOPICS), 1 + number % 2)
        found.append((" ".join(question(topic, rng) for topic in topics), topics))
    return pandas.DataFrame(found, columns=["text", "label"])


def with_grades(rows=80):
    """Customers with a grade from 0 to 4 that rises with age."""
    frame = customers(rows).drop(columns="churn").assign(age=np.linspace(18, 80, rows))
    noise = np.random.default_rng(1).normal(0, 5, rows)
    return frame.assign(label=np.clip((frame["age"] + noise - 18) // 13, 0, 4).astype(int))


def with_numbers(rows=80):
    """Customers with a quantity that follows from age and plan."""
    frame = customers(rows).drop(columns="churn").assign(age=np.linspace(18, 80, rows))
    noise = np.random.default_rng(1).normal(0, 2, rows)
    return frame.assign(label=(frame["age"] * 3 + np.where(frame["plan"] == "pro", 20, 0) + noise).round(3))


@pytest.fixture(scope="module")
def runs(text_model, tmp_path_factory):
    """One run of each kind of target, by the task's name."""
    folder = tmp_path_factory.mktemp("runs")
    texts = {"model": str(text_model), "settings": EAGER, "threads": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        return {
            "multilabel": headstart.fit(with_labels(), out=folder / "multilabel", **texts),
            "ordinal": headstart.fit(with_grades(), out=folder / "ordinal", task="ordinal", threads=1),
            "regression": headstart.fit(with_numbers(), out=folder / "regression", threads=1),
        }


DATA = {"multilabel": with_labels, "ordinal": with_grades, "regression": with_numbers}
PRIMARY = {"multilabel": "macro_f1", "ordinal": "qwk", "regression": "rmse"}
METRICS = {
    "multilabel": {"macro_f1", "micro_f1", "map", "subset_accuracy", "hamming_loss", "log_loss"},
    "ordinal": {"qwk", "accuracy", "within_one", "mae", "log_loss"},
    "regression": {"rmse", "mae", "r2", "spearman", "interval_coverage"},
}
SECTIONS = {"multilabel": {"labels"}, "ordinal": {"confusion"}, "regression": {"residuals", "out_of_domain"}}
GRADES = [f"probability_{grade}" for grade in range(5)]
COLUMNS = {
    "multilabel": ["prediction", *(f"probability_{topic}" for topic in TOPICS), "set"],
    "ordinal": ["prediction", "probability", "expected", *GRADES, "set"],
    "regression": ["prediction", "low", "high", "out_of_domain", "out_of_domain_p"],
}
KINDS = list(DATA)


@pytest.mark.parametrize("kind", KINDS)
def test_the_evidence_has_the_keys_of_the_contract(runs, kind):
    evidence = runs[kind].evidence
    assert set(evidence) == ALWAYS | SECTIONS[kind]
    assert (evidence["task"], evidence["primary"], evidence["test_reads"]) == (kind, PRIMARY[kind], 1)
    assert METRICS[kind] <= set(evidence["test"])
    for comparison in evidence["comparisons"]:
        assert {"value", "low", "high", "level"} <= set(comparison[PRIMARY[kind]])
        assert {"value", "low", "high", "level"} <= set(comparison["difference"])
    assert json.loads((runs[kind].path / "evidence.json").read_text()) == evidence
    assert (runs[kind].path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_learned_beats_not_looking_by_its_own_metric(runs, kind):
    evidence = runs[kind].evidence
    blind = {"multilabel": "majority_class", "ordinal": "majority_class", "regression": "mean_target"}[kind]
    (lead,) = [other["difference"] for other in evidence["comparisons"] if other["name"] == blind]
    assert lead["value"] > 0 and lead["low"] > 0  # turned so that positive is better, also where less is better


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_have_the_columns_of_the_contract(runs, kind):
    result = headstart.predict(runs[kind].path, DATA[kind]().drop(columns="label").head(5))
    assert result.failed == 0
    assert all(list(row) == ["id", *COLUMNS[kind], "error"] for row in result.rows)
    table = pyarrow.parquet.read_table(runs[kind].path / "predictions" / "test.parquet")
    assert table.column_names == ["id", "split", "target", *(name for name in COLUMNS[kind] if name != "probability")]
    assert table.num_rows == runs[kind].evidence["n"]["test"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_predictions_on_disk_are_those_of_the_bundle(runs, kind):
    table = pyarrow.parquet.read_table(runs[kind].path / "predictions" / "test.parquet").to_pylist()
    frame = DATA[kind]().drop(columns="label")
    here = headstart.predict(runs[kind].path, frame).rows
    by_id = {row["id"]: row for row in here}
    for row in table:
        other = by_id[row["id"]]
        for name in set(COLUMNS[kind]) - {"probability"}:
            assert row[name] == pytest.approx(other[name], abs=1e-4), (row, other)


@pytest.mark.parametrize("kind", KINDS)
def test_evaluate_on_the_test_rows_gives_the_metrics_of_the_run(runs, kind):
    run, frame = runs[kind], DATA[kind]()
    test = pyarrow.parquet.read_table(run.path / "predictions" / "test.parquet").column("id").to_pylist()
    frame["split"] = ["test" if str(row) in test else "train" for row in frame.index]
    measured = headstart.evaluate(run.path, frame).evidence
    assert set(measured) == MEASURED_AGAIN | SECTIONS[kind]
    for name in METRICS[kind]:
        assert measured["test"][name]["value"] == pytest.approx(run.evidence["test"][name]["value"], abs=1e-4), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_config_repeats_the_result(runs, kind, tmp_path):
    frame = DATA[kind]()
    frame.to_json(tmp_path / "d.jsonl", orient="records", lines=True)
    config = (runs[kind].path / "config.yaml").read_text().replace(f"<DataFrame of {len(frame)}>", "d.jsonl")
    (tmp_path / "c.yaml").write_text(config.replace("d.jsonl", str(tmp_path / "d.jsonl")))
    again = headstart.fit(config=tmp_path / "c.yaml", out=tmp_path / "run")
    assert again.evidence["test"] == runs[kind].evidence["test"]
    assert again.evidence["guard"] == runs[kind].evidence["guard"]


def test_sets_of_labels_are_predicted_as_they_may_be_read(runs):
    rows = headstart.predict(runs["multilabel"].path, with_labels().drop(columns="label")).rows
    sets = [row["prediction"].split("|") for row in rows]
    assert all(labels == sorted(labels) and set(labels) <= set(TOPICS) for labels in sets)
    assert {len(labels) for labels in sets} >= {1, 2}


@pytest.mark.parametrize("join", ["|", ";"])
def test_labels_may_be_joined_by_a_mark(runs, text_model, join):
    frame = with_labels()
    frame["label"] = [join.join(labels) for labels in frame["label"]]
    plan = headstart.fit(frame, dry_run=True, model=str(text_model), settings=EAGER).document
    assert plan["task"] == "multilabel"
    assert (
        headstart.evaluate(runs["multilabel"].path, frame).evidence["test"]
        == (headstart.evaluate(runs["multilabel"].path, with_labels()).evidence["test"])
    )


def test_grades_are_those_of_the_data_and_their_probabilities_sum_to_one(runs):
    rows = headstart.predict(runs["ordinal"].path, with_grades().drop(columns="label")).rows
    assert {row["prediction"] for row in rows} <= set("01234")
    assert all(sum(row[name] for name in GRADES) == pytest.approx(1) for row in rows)
    assert runs["ordinal"].evidence["confusion"]["class_names"] == list("01234")


def test_numbers_come_with_an_interval_that_holds_most_of_the_truth(runs):
    frame = with_numbers()
    rows = headstart.predict(runs["regression"].path, frame.drop(columns="label")).rows
    assert all(row["low"] < row["prediction"] < row["high"] for row in rows)
    inside = [row["low"] <= truth <= row["high"] for row, truth in zip(rows, frame["label"], strict=True)]
    assert np.mean(inside) > 0.8
    widths = {round(row["high"] - row["low"], 6) for row in rows}
    assert len(widths) == 1


def test_a_target_with_gaps_loses_those_rows_and_says_how_many(runs):
    for kind, data in DATA.items():
        frame = data()
        frame["label"] = frame["label"].astype(object)
        frame.loc[[1, 5, 9], "label"] = None
        asked = {"task": "ordinal"} if kind == "ordinal" else {}
        plan = headstart.fit(frame, dry_run=True, settings=EAGER, **asked).document
        assert plan["data"]["n"] == len(frame) - 3
        assert any("3 rows without a target were left out" in note for note in plan["notes"])
        assert plan["task"] == kind


def test_numbers_written_as_text_are_numbers():
    frame = with_numbers()
    plain = headstart.fit(frame, dry_run=True).document
    frame["label"] = frame["label"].astype(str)
    written = headstart.fit(frame, dry_run=True).document
    assert (plain["task"], written["task"]) == ("regression", "regression")


@pytest.mark.parametrize(
    "write, told",
    [
        (lambda value: f"{value:.2f}".replace(".", ","), r"Is '\d+,\d+' meant to be \d+\.\d+\?"),
        (lambda value: f"1,{value:06.2f}", r"Is '1,\d+\.\d+' meant to be 1\d+\.\d+\?"),
        (lambda value: f"{value:.3f} kg", "plain numbers without a unit"),
    ],
)
def test_numbers_written_otherwise_are_refused_with_what_they_may_mean(write, told):
    frame = with_numbers()
    frame["label"] = [write(value) for value in frame["label"]]
    with pytest.raises(headstart.HeadstartError, match=told) as caught:
        headstart.fit(frame, dry_run=True)
    assert caught.value.exit_code == 2


def test_one_slip_in_a_column_of_numbers_is_named():
    frame = with_numbers()
    frame["label"] = frame["label"].astype(object)
    frame.loc[7, "label"] = "unknown"
    with pytest.raises(headstart.HeadstartError, match=r"1 of 80 are not: \['unknown'\], the first is number 8"):
        headstart.fit(frame, dry_run=True)


def test_the_same_numbers_can_be_classes_grades_and_numbers():
    frame = with_grades()
    reasons = {}
    for task in ("auto", "ordinal", "regression"):
        plan = headstart.fit(frame, dry_run=True, task=task).document
        reasons[task] = (plan["task"], next(note for note in plan["notes"] if note.startswith("task:")))
    assert [name for name, _ in reasons.values()] == ["classification", "ordinal", "regression"]
    assert "only 5 distinct values" in reasons["auto"][1] and "--task ordinal" in reasons["auto"][1]


def test_pairs_of_a_method_and_a_target_that_do_not_fit_are_refused(tmp_path):
    for (kind, data), method in itertools.product(DATA.items(), ["majority_class", "mean_target"]):
        suited = (method == "mean_target") == (kind == "regression")
        asked = {"task": "ordinal"} if kind == "ordinal" else {}
        if not suited and kind != "multilabel":  # texts would need the embedded network
            with pytest.raises(headstart.HeadstartError, match="does not solve for targets of kind"):
                headstart.fit(data(), out=tmp_path / "run", method=method, **asked)
            assert not (tmp_path / "run").exists()
