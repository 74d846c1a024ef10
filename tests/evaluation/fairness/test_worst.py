import numpy as np
import pytest

from evaluation.fairness.helpers_fairness import right_in
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.fairness.judged import judge_classes, judge_numbers
from headstart.evaluation.fairness.worst import worst_and_best
from headstart.evaluation.proportions import clopper_pearson


def of(names, judged, least=10):
    return worst_and_best(groupings({"g": names}, 2)[0], judged, least)


def test_the_worst_groups_interval_is_that_of_three_groups_that_were_looked_at():
    names, truth, predicted = right_in([15, 30, 45], [20, 50, 50])
    found = of(names, judge_classes(truth, predicted, 3))
    low, high = clopper_pearson(30, 50, 0.025 / 3)
    assert found["worst"] == {
        "group": "b", "n": 50, "value": 0.6, "low": float(low), "high": float(high), "level": 1 - 0.05 / 3,
    }  # fmt: skip
    assert found["best"]["group"] == "c"
    assert found["bound"] == min(float(clopper_pearson(k, n, 0.025 / 3)[0]) for k, n in ((15, 20), (30, 50)))


def test_of_errors_the_largest_is_the_worst():
    names, error = np.repeat(["a", "b"], 30), np.random.default_rng(0).normal(size=60)
    error[30:] *= 3
    found = of(names, judge_numbers(np.zeros(60), error))
    assert found["worst"]["group"] == "b" and found["best"]["group"] == "a"
    assert found["bound"] == found["worst"]["high"] > found["worst"]["value"]


def test_groups_with_too_few_examples_are_not_looked_at():
    names, truth, predicted = right_in([0, 30, 45], [5, 50, 50])
    found = of(names, judge_classes(truth, predicted, 3))
    assert found["worst"]["group"] == "b" and found["worst"]["level"] == pytest.approx(1 - 0.05 / 2)


def test_without_a_group_of_that_size_there_is_none():
    names, truth, predicted = right_in([4, 3], [5, 5])
    assert of(names, judge_classes(truth, predicted, 3)) == {"worst": None, "best": None, "bound": None}


def test_errors_that_are_all_the_same_have_no_bound():
    found = of(np.repeat(["a", "b"], 20), judge_numbers(np.zeros(40), np.repeat([1.0, 2.0], 20)))
    assert found["worst"]["value"] == 2 and found["worst"]["low"] is None and found["bound"] is None
