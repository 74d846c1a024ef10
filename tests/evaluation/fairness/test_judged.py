import numpy as np
import pytest

from evaluation.fairness.helpers_fairness import COUNTS, rows_of
from headstart.core.errors import DataError, ShapeError
from headstart.evaluation.fairness.judged import judge_classes, judge_labels, judge_numbers


def by_name(judged):
    return {aspect.name: aspect for aspect in judged.aspects}


def test_rates_of_decisions_by_hand():
    _, truth, decision = rows_of(COUNTS[:1])  # 43 rightly not, 7 falsely taken, 0 missed, 17 found
    found = by_name(judge_classes(truth, decision, 2))
    rates = {name: float(each.values[each.counts].mean()) for name, each in found.items()}
    assert rates == pytest.approx(
        {
            "accuracy": 60 / 67,
            "base_rate": 17 / 67,
            "selection_rate": 24 / 67,
            "true_positive_rate": 1.0,
            "false_positive_rate": 7 / 50,
            "precision": 17 / 24,
        }
    )


def test_of_more_classes_only_accuracy_is_looked_at_unless_one_is_named():
    y = np.arange(30) % 3
    assert list(by_name(judge_classes(y, y, 3))) == ["accuracy"]
    found = by_name(judge_classes(y, (y + 1) % 3, 3, positive=2))
    assert found["selection_rate"].values.sum() == 10 and found["true_positive_rate"].values[y == 2].sum() == 0


def test_probabilities_are_of_the_positive_class_or_else_of_the_predicted_one():
    y, p = np.array([0, 1]), np.array([[0.9, 0.1], [0.3, 0.7]])
    judged = judge_classes(y, y, 2, p)
    assert judged.probability.tolist() == [0.1, 0.7] and judged.is_true.tolist() == [False, True]
    three = judge_classes(np.array([0, 1]), np.array([0, 2]), 3, np.array([[0.5, 0.2, 0.3], [0.1, 0.3, 0.6]]))
    assert three.probability.tolist() == [0.5, 0.6] and three.is_true.tolist() == [True, False]


def test_numbers_have_an_error_with_its_sign_and_a_square():
    found = by_name(judge_numbers(np.array([1.0, 2.0]), np.array([4.0, 1.0])))
    assert found["mean_error"].values.tolist() == [3, -1] and found["rmse"].values.tolist() == [9, 1]


def test_labels_are_right_together_and_each():
    truth, given = np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]])
    found = by_name(judge_labels(truth, given, positive=0))
    assert found["exact_match"].values.tolist() == [1, 0] and found["label_accuracy"].values.tolist() == [1, 0.5]
    assert found["true_positive_rate"].values.tolist() == [1, 0]


def test_what_does_not_fit_is_named():
    y = np.array([0, 1])
    with pytest.raises(ShapeError, match="positive class must lie in 0..1; got 2"):
        judge_classes(y, y, 2, positive=2)
    with pytest.raises(ShapeError, match=r"probabilities must be \(2, 2\)"):
        judge_classes(y, y, 2, np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="integers in 0..1"):
        judge_classes(np.array([0, 2]), y, 2)
    with pytest.raises(ShapeError, match="positive label"):
        judge_labels(np.zeros((2, 2)), np.zeros((2, 2)), positive=2)
    with pytest.raises(ShapeError, match=r"\(N,\) each"):
        judge_numbers(np.zeros(2), np.zeros(3))
    with pytest.raises(DataError, match="1 of 2 rows"):
        judge_numbers(np.array([0.0, np.nan]), np.zeros(2))
