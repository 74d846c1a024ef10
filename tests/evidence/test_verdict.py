from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import contender, targets
from headstart.evidence.guard import Choice
from headstart.evidence.verdict import verdict

N = 40
TRUTH = np.arange(N) % 2
WRONG = 1 - TRUTH


def choice(name, fell_back=False):
    return Choice(name, {name: 0.1, "worst": 9.0}, N, fell_back, f"The folds preferred {name}.")


def judge(name, contenders, fell_back=False):
    return verdict(targets(TRUTH), choice(name, fell_back), contenders, 0)


def test_yes_when_the_pretrained_model_is_surely_better():
    found = judge("probe", [contender("probe", test=TRUTH), contender("pixels", test=WRONG, kind="baseline")])
    assert (found["transfer_helps"], found["chosen"], found["against"]) == ("yes", "probe", "pixels")
    assert found["difference"]["value"] == 1.0 and found["difference"]["low"] > 0
    assert found["why"].startswith("Transfer helps: the pretrained model is better by 100.0 points of accuracy than")
    assert "On the training folds" not in found["why"]


def test_no_when_it_is_surely_worse_and_then_both_are_said():
    found = judge("probe", [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")])
    assert found["transfer_helps"] == "no" and found["difference"]["high"] < 0
    assert "worse by 100.0 points of accuracy than" in found["why"]
    assert "On the training folds it looked otherwise: The folds preferred probe." in found["why"]
    assert "The choice stands" in found["why"]


def test_no_after_a_fall_back_agrees_with_the_folds():
    contenders = [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")]
    found = judge("pixels", contenders, fell_back=True)
    assert found["transfer_helps"] == "no" and found["chosen_is_transfer"] is False
    assert "looked otherwise" not in found["why"] and found["why"].endswith("The folds preferred pixels.")


@pytest.mark.parametrize("losses", [{"probe": 0.3, "pixels": 0.1}, {"probe": None, "pixels": None}])
def test_a_method_that_was_asked_for_and_had_not_won_on_the_folds_is_no_surprise(losses):
    contenders = [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")]
    obeyed = Choice("probe", losses, N, False, "probe was asked for and kept.")
    found = verdict(targets(TRUTH), obeyed, contenders, 0)
    assert found["transfer_helps"] == "no"
    assert "looked otherwise" not in found["why"] and found["why"].endswith("probe was asked for and kept.")


def test_yes_after_a_fall_back_says_both():
    contenders = [contender("probe", test=TRUTH), contender("pixels", test=WRONG, kind="baseline")]
    found = judge("pixels", contenders, fell_back=True)
    assert found["transfer_helps"] == "yes"
    assert "looked otherwise: The folds preferred pixels." in found["why"]


@pytest.mark.parametrize("better, side", [(1, "better"), (-1, "worse"), (0, "better")])
def test_unclear_when_the_interval_holds_zero(better, side):
    nearly = TRUTH.copy()
    nearly[0] = WRONG[0]
    mine, other = (TRUTH, nearly) if better > 0 else (nearly, TRUTH) if better < 0 else (TRUTH, TRUTH)
    found = judge("probe", [contender("probe", test=mine), contender("pixels", test=other, kind="baseline")])
    assert found["transfer_helps"] == "unclear"
    assert found["difference"]["value"] == pytest.approx(better / N)
    assert f"is {side} by {abs(better) / N * 100:.1f} points of accuracy" in found["why"]


def test_not_applicable_without_anything_to_compare():
    found = judge("probe", [contender("probe", test=TRUTH)])
    assert found["transfer_helps"] == "not_applicable" and "nothing to compare" in found["why"]


def test_without_a_pretrained_network_the_chosen_one_is_held_against_the_next_best_and_against_not_looking():
    nearly = TRUTH.copy()
    nearly[:10] = WRONG[:10]
    contenders = [
        contender("columns", test=TRUTH, kind="baseline"),
        contender("boosting", test=nearly, kind="baseline"),
        contender("majority_class", test=np.zeros(N, int), kind="baseline"),
    ]
    found = judge("columns", contenders)
    assert (found["transfer_helps"], found["against"]) == ("not_applicable", "boosting")
    assert found["difference"]["value"] == pytest.approx(0.25)
    assert "a network + columns is better by 25.0 points of accuracy than a network + boosting" in found["why"]
    assert "Against predicting without looking at the input (majority_class) the lead is 50.0 points" in found["why"]
    assert "Which of the two" not in found["why"]


def test_without_a_pretrained_network_a_lead_that_may_be_chance_is_said_to_be_unclear():
    nearly = TRUTH.copy()
    nearly[0] = WRONG[0]
    contenders = [contender("a", test=TRUTH, kind="baseline"), contender("b", test=nearly, kind="baseline")]
    assert "Which of the two is better is unclear." in judge("a", contenders)["why"]


def test_alone_and_without_a_pretrained_network_there_is_nothing_to_judge():
    found = judge("pixels", [contender("pixels", test=TRUTH, kind="baseline")])
    assert found["transfer_helps"] == "not_applicable" and "no transfer to judge" in found["why"]


def test_the_best_model_without_pretraining_is_held_against_it_on_its_own_rows():
    half = np.arange(0, N, 4)
    twin = contender("random_weights", test=TRUTH[half], rows=half, kind="ablation", can_ship=False)
    pixels = contender("pixels", test=WRONG, kind="baseline")
    mine = TRUTH.copy()
    mine[1] = WRONG[1]  # a mistake on a row that the twin does not cover
    found = judge("probe", [contender("probe", test=mine), pixels, twin])
    assert (found["against"], found["difference"]["value"]) == ("random_weights", 0.0)


def test_the_test_split_never_changes_the_choice():
    contenders = [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")]
    assert judge("probe", contenders)["chosen"] == "probe"
