from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from headstart.core.learning import Targets
from headstart.evaluation.softmax import softmax
from headstart.tasks.choose import configured, task_from_dict
from headstart.tasks.classification import Classification, ClassificationConfig
from headstart.tasks.decision import DecisionRule
from headstart.tasks.decision_request import DecisionRequest
from headstart.tasks.rare_classes import FEWEST_ROWS, POWERS, factors, macro_f1_of, rare_class_rule

K = 3


def held_out(n=2000, seed=0, shares=(0.9, 0.08, 0.02)):
    """Class numbers whose logits are those of Bayes' rule, so that probabilities are frequencies."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    x = rng.normal(size=(n, len(shares))) + 1.5 * np.eye(len(shares))[y]
    return y, 1.5 * x + np.log(shares)


def rare(**also):
    return Classification(ClassificationConfig(class_names=("a", "b", "c"), primary="macro_f1", for_rare=True, **also))


def test_factors_are_powers_of_how_much_rarer_a_class_is():
    y = np.repeat([0, 1, 2], [16, 4, 1])
    assert factors(y, 3, 0.5).tolist() == [1, 2, 4]
    assert factors(y, 3, 0.0).tolist() == [1, 1, 1]
    assert factors(y, 4, 1.0).tolist() == [1, 4, 16, 16]  # one that never came is as rare as one that came once


def test_the_power_is_the_one_of_largest_macro_f1():
    y, logits = held_out()
    p = softmax(logits)
    rule = rare_class_rule(y, y, p)
    slow = [
        f1_score(y, [np.argmax(row * factors(y, K, power)) for row in p], average="macro", labels=range(K))
        for power in POWERS
    ]
    assert rule.power == POWERS[int(np.argmax(slow))] > 0
    assert rule.held_out == {
        "n": 2000, "macro_f1": pytest.approx(max(slow)), "macro_f1_of_the_most_probable": pytest.approx(slow[0]),
    }  # fmt: skip
    assert np.array_equal(rule.decide(p), (p * factors(y, K, rule.power)).argmax(axis=1))


def test_it_finds_more_of_new_rows_of_the_same_kind():
    y, logits = held_out()
    new, of_new = held_out(20_000, seed=1)
    rule, p = rare_class_rule(y, y, softmax(logits)), softmax(of_new)
    gained = macro_f1_of(new, rule.decide(p), K) - macro_f1_of(new, p.argmax(axis=1), K)
    assert gained > 0.03


def test_nothing_is_moved_where_that_gains_nothing_or_rows_are_few():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    assert rare_class_rule(y, y, np.eye(K)[y]) is None  # all right already
    y, logits = held_out()
    few = slice(FEWEST_ROWS - 1)
    assert rare_class_rule(y, y[few], softmax(logits)[few]) is None


def test_how_common_classes_are_comes_from_all_targets_and_not_from_those_held_out():
    y, logits = held_out()
    rule = rare_class_rule(np.repeat([0, 1, 2], [4, 2, 1]), y, softmax(logits))
    assert rule.factors == pytest.approx((1, 2**rule.power, 4**rule.power))


def test_the_task_decides_by_it_and_leaves_probabilities_alone():
    y, logits = held_out()
    targets = Targets(y, "class", K)
    settled = rare().settle(targets, logits)
    plain, said = rare().predictions(logits), settled.predictions(logits)
    assert np.array_equal(said["probability_c"], plain["probability_c"])
    assert said["prediction"].count("c") > plain["prediction"].count("c")
    assert settled.score(targets, logits) > rare().score(targets, logits)
    again = task_from_dict(settled.to_dict())
    assert again.predictions(logits)["prediction"] == said["prediction"]


def test_the_section_says_what_it_changes_on_the_test():
    y, logits = held_out()
    settled = rare().settle(Targets(y, "class", K), logits)
    new, of_new = held_out(3000, seed=1)
    section = settled.sections(Targets(new, "class", K), of_new, 0)["decision"]
    mine, usual = settled.config.rule.decide(softmax(of_new)), of_new.argmax(axis=1)
    assert section["others"]["value"] == pytest.approx((mine != usual).mean())
    assert section["gained"]["value"] == pytest.approx(macro_f1_of(new, mine, K) - macro_f1_of(new, usual, K))
    assert section["factors"].keys() == {"a", "b", "c"} and section["rule"] == {"power": settled.config.rule.power}
    assert section["note"].startswith("Answers lean towards rare classes: ") and "macro-F1 more" in section["note"]


def test_of_two_classes_the_factors_are_a_threshold():
    y, logits = held_out(shares=(0.95, 0.05))
    task = Classification(ClassificationConfig(class_names=("no", "yes"), primary="macro_f1", for_rare=True))
    settled, p = task.settle(Targets(y, "class", 2), logits), softmax(logits)[:, 1]
    section = settled.sections(Targets(y, "class", 2), logits, 0)["decision"]
    threshold = section["rule"]["threshold"]
    assert threshold < 0.5
    assert np.array_equal(settled.config.rule.decide(softmax(logits)), (p > threshold).astype(int))
    assert threshold in [each["threshold"] for each in section["operating_points"]]
    assert f"'yes' from a probability of {threshold:.2f} on" in section["note"]


def test_what_is_said_about_decisions_comes_first():
    y, logits = held_out()
    settled = rare(decision=DecisionRequest(positive="c", threshold=0.3)).settle(Targets(y, "class", K), logits)
    assert settled.config.rule.threshold == 0.3 and settled.config.rule.factors is None
    assert DecisionRule(costs=((0, 9), (1, 0)), factors=(1.0, 100.0)).decide(np.array([[0.9, 0.1]])).tolist() == [0]


@pytest.mark.parametrize(
    "balance, of_rare, of_even",
    [("auto", True, False), ("none", False, False), ("decision", True, True), ("loss", True, True)],
)
def test_auto_leans_where_macro_f1_decides(balance, of_rare, of_even):
    even = np.array(["a", "b"] * 20, object)
    uneven = np.array(["a"] * 38 + ["b"] * 2, object)
    assert configured("classification", uneven, None, balance).config.for_rare is of_rare
    assert configured("classification", even, None, balance).config.for_rare is of_even


def test_other_tasks_and_other_wishes_are_left_alone():
    numbers = configured("regression", np.array(["1.5", "2.5", "0.1"], object), None, "auto")
    assert "for_rare" not in numbers.config.model_dump()
    uneven = np.array(["a"] * 38 + ["b"] * 2, object)
    asked = configured("classification", uneven, DecisionRequest(recall=0.9), "auto").config
    assert asked.decision is not None and not asked.for_rare
