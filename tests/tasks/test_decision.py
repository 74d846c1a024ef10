import re

import numpy as np
import pytest

from headstart.core.errors import ConfigError
from headstart.core.learning import Targets
from headstart.tasks.choose import configured, task_from_dict
from headstart.tasks.decision import DecisionRule, cost_matrix, positive_class, settled_rule
from headstart.tasks.decision_request import DecisionRequest

NAMES = ("healthy", "sick")


def logits(p):
    """Of two classes, whose softmax is ``1 - p`` and ``p``."""
    p = np.asarray(p, float)
    return np.log(np.stack([1 - p, p], axis=1))


def two_classes(**decision):
    asked = DecisionRequest.parse(decision, "decision")
    return configured("classification", np.array(["sick", "healthy"] * 10, dtype=object), asked)


def predicted(task, p):
    return task.predictions(logits(p))["prediction"]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "none came"),
        ({"recall": 0.9, "precision": 0.9}, "recall and precision came"),
        ({"recall": 0.0}, "greater than 0"),
        ({"recall": 1.5}, "less than or equal to 1"),
        ({"threshold": -0.1}, "greater than or equal to 0"),
        ({"recal": 0.9}, "recall"),
    ],
)
def test_a_request_is_one_wish(given, what):
    with pytest.raises(ConfigError, match=what):
        DecisionRequest.parse(given, "decision")


def test_the_positive_class_is_the_second_of_two_and_named_among_more():
    assert positive_class(DecisionRequest(recall=0.9), NAMES) == 1
    assert positive_class(DecisionRequest(recall=0.9, positive="healthy"), NAMES) == 0
    with pytest.raises(ConfigError, match="Did you mean 'sick'"):
        positive_class(DecisionRequest(recall=0.9, positive="sik"), NAMES)
    with pytest.raises(ConfigError, match="must name the class that is to be found, since there are 3 classes"):
        positive_class(DecisionRequest(recall=0.9), ("a", "b", "c"))


def test_costs_by_name_are_one_where_nothing_is_said():
    assert cost_matrix({"sick": {"healthy": 10}}, NAMES) == ((0, 1), (10, 0))
    assert cost_matrix([[0, 2], [3, 0]], NAMES) == ((0, 2), (3, 0))


@pytest.mark.parametrize(
    ("costs", "what"),
    [
        ([[0, 1]], "got 1 rows of"),
        ([[0, 1], [1, 0, 2]], "a row and a column for each of the 2 classes"),
        ([[0, -1], [1, 0]], "0 or more"),
        ([[0, float("inf")], [1, 0]], "finite"),
        ({"ill": {"healthy": 2}}, "ill"),
        ({"sick": {"wel": 2}}, "wel"),
    ],
)
def test_wrong_costs_are_refused(costs, what):
    with pytest.raises(ConfigError, match=what):
        cost_matrix(costs, NAMES)


def test_the_class_of_least_expected_cost_is_decided():
    rule = DecisionRule(costs=((0, 1), (10, 0)))  # to call a sick one healthy costs ten times as much
    assert rule.decide(np.array([[0.95, 0.05], [0.9, 0.1], [0.5, 0.5]])).tolist() == [0, 1, 1]


def test_below_the_threshold_the_most_probable_of_the_others_is_decided():
    rule = DecisionRule(positive=0, threshold=0.7)
    p = np.array([[0.7, 0.1, 0.2], [0.69, 0.01, 0.3], [0.2, 0.4, 0.4]])
    assert rule.decide(p).tolist() == [0, 2, 1]


def test_a_rule_without_anything_is_the_most_probable_class():
    assert DecisionRule().decide(np.array([[0.4, 0.6], [0.5, 0.5]])).tolist() == [1, 0]


def test_a_recall_is_settled_on_held_out_rows_and_kept_in_the_tasks_document():
    task = two_classes(recall=0.9)
    truth = np.array([1] * 20 + [0] * 20)
    p = np.concatenate([np.linspace(0.1, 0.9, 20), np.linspace(0.05, 0.4, 20)])
    out_of_fold = logits(p)
    out_of_fold[3] = np.nan  # never held out
    settled = task.settle(Targets(truth, "class", 2), out_of_fold)
    rule = settled.config.rule
    assert rule.held_out["recall"]["value"] >= 0.9 and rule.held_out["n"] == 39 and not rule.note
    assert predicted(settled, [0.2]) == ["sick"] and predicted(task, [0.2]) == ["healthy"]
    again = task_from_dict(settled.to_dict())
    assert again.config == settled.config and predicted(again, [0.2]) == ["sick"]


@pytest.mark.parametrize(
    ("asked", "truth", "note", "threshold"),
    [
        (DecisionRequest(recall=0.95), [1, 1, 0, 0], "cannot be promised by 2 held-out positives .19 are needed.", 0.5),
        (DecisionRequest(recall=1.0), [1, 1, 0, 0], "no number of them is enough", 0.5),
        (DecisionRequest(recall=0.9), [0, 0, 0, 0], "no held-out row is positive, so the threshold stayed 0.5", 0.5),
        (DecisionRequest(precision=0.9), [0, 1, 0, 1], "is reached by no threshold on the 4 held-out rows", 0.5),
    ],
)
def test_what_cannot_be_had_is_said(asked, truth, note, threshold):
    p = np.array([0.6, 0.8, 0.4, 0.2])
    rule = settled_rule(asked, NAMES, np.array(truth), np.stack([1 - p, p], axis=1))
    assert rule.threshold == pytest.approx(threshold)
    assert re.search(note, rule.note)


def test_without_held_out_rows_nothing_is_made_up():
    settled = two_classes(recall=0.9).settle(Targets(np.zeros(3, int), "class", 2), np.full((3, 2), np.nan))
    assert settled.config.rule.held_out["recall"]["value"] is None
    assert "no held-out row is positive" in settled.config.rule.note


def test_metrics_and_comparisons_follow_the_rule_of_each_side():
    targets = Targets(np.array([1, 1, 0, 0]), "class", 2)
    usual = configured("classification", np.array(["sick", "healthy"], dtype=object))
    asked = two_classes(threshold=0.3).settle(targets, logits([0.4, 0.6, 0.2, 0.1]))
    outputs = logits([0.4, 0.6, 0.2, 0.1])
    assert asked.metrics(targets, outputs, 0)["accuracy"]["value"] == 1
    assert usual.metrics(targets, outputs, 0)["accuracy"]["value"] == 0.75
    compared = asked.compare(targets, outputs, outputs, 0, usual)
    assert compared["accuracy"]["value"] == 0.75 and compared["difference"]["value"] == 0.25


def test_another_task_has_no_classes_to_decide_between():
    with pytest.raises(ConfigError, match="the task is regression"):
        configured("regression", np.array(["1.5", "2.5"], dtype=object), DecisionRequest(recall=0.9))
