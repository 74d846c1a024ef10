import json

import numpy as np
import pytest

from evaluation.fairness.helpers_fairness import COUNTS, rows_of
from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.fairness.judged import judge_classes
from headstart.evaluation.fairness.report import report
from headstart.evaluation.intervals import warnings_of


@pytest.fixture(scope="module")
def people():
    groups, truth, decision = rows_of(COUNTS)
    probabilities = np.where(decision == 1, 0.8, 0.3)
    judged = judge_classes(truth, decision, 2, np.stack([1 - probabilities, probabilities], axis=1))
    columns = {"race": groups, "sex": np.arange(len(groups)) % 2, "id": np.arange(len(groups)), "one": groups * 0}
    return columns, judged


def test_a_section_has_the_promised_keys_and_is_json(people):
    found = report(*people)
    assert set(found) == {"sentence", "primary", "level", "least", "correction", "columns", "notes"}
    assert list(found["columns"]) == ["race", "sex", "id", "one", "race & sex"]
    keys = {
        "columns", "refused", "verdict", "differs", "groups", "too_few", "worst", "best", "bound", "gaps",
        "against_rest",
    }  # fmt: skip
    assert all(set(section) == keys for section in found["columns"].values())
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_all_comparisons_of_a_report_are_one_family(people):
    found = report(*people)
    all_of_them = [each for section in found["columns"].values() for each in section["against_rest"]]
    assert found["correction"]["comparisons"] == len(all_of_them) > 10
    assert {each["difference_corrected"]["level"] for each in all_of_them} == {1 - 0.05 / len(all_of_them)}
    fewer = report(*people, least_together=None)["columns"]["race"]["against_rest"]
    for before, after in zip(fewer, found["columns"]["race"]["against_rest"], strict=True):
        assert before["p_value"] == after["p_value"] and before["p_corrected"] <= after["p_corrected"]


def test_what_is_refused_is_said_and_holds_no_number(people):
    found = report(*people)
    for name in ("id", "one"):
        section = found["columns"][name]
        assert section["refused"] == section["verdict"] and section["refused"] in found["notes"]
        assert section["groups"] == {} and section["gaps"] == {} and section["against_rest"] == []
        assert section["worst"] is None and section["differs"] is None
    assert found["sentence"].endswith("By id and one nothing could be compared.")


def test_the_same_seed_gives_the_same_section_and_another_one_other_p_values(people):
    first = report(*people, seed=1)
    assert report(*people, seed=1) == first
    assert report(*people, seed=2) != first


def test_the_order_of_examples_is_irrelevant():
    groups, truth, decision = rows_of(COUNTS)
    order = np.random.default_rng(0).permutation(len(groups))
    first = report({"g": groups}, judge_classes(truth, decision, 2))
    assert report({"g": groups[order]}, judge_classes(truth[order], decision[order], 2)) == first


def test_small_groups_are_named_and_noted():
    names = np.array(["a"] * 30 + ["b"] * 30 + ["c"] + ["d"] * 3)
    y = np.arange(64) % 2
    found = report({"g": names}, judge_classes(y, y, 2))
    assert found["columns"]["g"]["too_few"] == {"c": 1, "d": 3}
    assert found["notes"] == [
        "2 groups have fewer than 10 examples and no figures, though their 4 examples count among the others: g."
    ]


def test_notes_of_figures_become_warnings_like_those_of_any_evidence():
    groups, truth, decision = rows_of([[[20, 5], [0, 0]], [[20, 5], [5, 20]]])
    warnings = warnings_of(report({"g": groups}, judge_classes(truth, decision, 2))["columns"]["g"])
    assert "true_positive_rate of '0' has no interval: no positive example in this group" in warnings


def test_columns_of_other_rows_are_an_error(people):
    with pytest.raises(ShapeError, match="same rows; got 3 and 240"):
        report({"g": np.zeros(3)}, people[1])
    with pytest.raises(ConfigError, match="need a column"):
        report({}, people[1])


def test_groups_that_come_again_are_named_and_compared_once():
    groups, truth, decision = rows_of(COUNTS)
    judged = judge_classes(truth, decision, 2)
    again = report({"race": groups, "code": np.asarray(groups).astype(object)}, judged)
    assert list(again["columns"]) == ["race", "code"]
    assert "race & code gives the groups of race again, and is not looked at for itself." in again["notes"]
