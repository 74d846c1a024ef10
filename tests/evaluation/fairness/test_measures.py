import numpy as np
import pytest

from evaluation.fairness.helpers_fairness import COUNTS, rows_of
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.fairness.judged import judge_classes, judge_labels, judge_numbers
from headstart.evaluation.fairness.measures import calibration, measures
from headstart.evaluation.proportions import clopper_pearson


def of(names, judged, least=10):
    return measures(groupings({"g": names}, least)[0], judged, seed=0)


def test_each_rate_has_its_exact_interval_and_the_number_it_is_of():
    groups, truth, decision = rows_of(COUNTS)
    found = of(groups, judge_classes(truth, decision, 2))["1"]  # 37 and 5 of the negatives, 7 and 41 of the positives
    expected = {
        "accuracy": (78, 90), "base_rate": (48, 90), "selection_rate": (46, 90), "true_positive_rate": (41, 48),
        "false_positive_rate": (5, 42), "precision": (41, 46),
    }  # fmt: skip
    for name, (hits, n) in expected.items():
        low, high = clopper_pearson(hits, n)
        assert found[name] == {
            "value": pytest.approx(hits / n), "low": pytest.approx(float(low)), "high": pytest.approx(float(high)),
            "level": 0.95, "n": n,
        }  # fmt: skip
    assert found["n"] == 90 and found["values"] == {"g": "1"}


def test_a_group_without_positives_has_no_true_positive_rate_and_says_why():
    groups, truth, decision = rows_of([[[20, 5], [0, 0]], [[20, 5], [5, 20]]])
    found = of(groups, judge_classes(truth, decision, 2))["0"]["true_positive_rate"]
    assert found == {
        "value": None, "low": None, "high": None, "level": 0.95, "n": 0, "note": "no positive example in this group",
    }  # fmt: skip


def test_a_group_that_is_always_right_still_has_a_lower_limit():
    groups, truth, decision = rows_of([[[20, 0], [0, 20]], [[20, 5], [5, 20]]])
    found = of(groups, judge_classes(truth, decision, 2))["0"]
    assert found["accuracy"]["value"] == 1 and found["accuracy"]["low"] == pytest.approx(0.025 ** (1 / 40))


def test_numbers_and_labels_have_their_aspects():
    names, rng = np.repeat(["a", "b"], 20), np.random.default_rng(0)
    assert set(of(names, judge_numbers(np.zeros(40), rng.normal(size=40)))["a"]) == {
        "n",
        "values",
        "rmse",
        "mean_error",
    }
    labels = rng.random((40, 3)) < 0.5
    found = of(names, judge_labels(labels, labels))["a"]
    assert found["exact_match"]["value"] == 1 and found["label_accuracy"]["value"] == 1
    assert found["label_accuracy"]["low"] is None and found["label_accuracy"]["note"] == "all values are the same"


def test_a_calibration_gap_is_the_rate_moved_by_the_mean_probability():
    p, came_true = np.full(20, 0.7), np.arange(20) < 12
    found = calibration(p, came_true, np.random.default_rng(0))
    low, high = clopper_pearson(12, 20)
    assert found["calibration_gap"]["value"] == pytest.approx(0.7 - 0.6)
    assert (found["calibration_gap"]["low"], found["calibration_gap"]["high"]) == pytest.approx((0.7 - high, 0.7 - low))
    assert found["ece"]["value"] is None and found["ece"]["note"] == "fewer than 100 examples"


def test_a_calibration_error_is_given_from_a_hundred_examples_on():
    p = np.tile([0.2, 0.8], 60)
    found = calibration(p, np.tile([False, True], 60), np.random.default_rng(0))["ece"]
    assert found["value"] == pytest.approx(0.2) and found["low"] <= 0.2 <= found["high"]


@pytest.mark.parametrize("bad", [np.nan, 1.5, -0.1, np.inf])
def test_a_probability_that_is_none_gives_no_number_and_is_counted(bad):
    p = np.full(120, 0.5)
    p[3] = bad
    found = calibration(p, p > 0, np.random.default_rng(0))
    for name in ("calibration_gap", "ece"):
        assert (
            found[name]["value"] is None and found[name]["note"] == "1 of 120 probabilities are not numbers from 0 to 1"
        )
