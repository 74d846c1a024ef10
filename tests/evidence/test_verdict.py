from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import contender, targets, task
from headstart.evidence.guard import Choice
from headstart.evidence.verdict import verdict

N = 40
TRUTH = np.arange(N) % 2
WRONG = 1 - TRUTH


def choice(name, fell_back=False):
    return Choice(name, {}, 0, fell_back, f"The folds preferred {name}.")


def judge(name, contenders, fell_back=False):
    return verdict(task(), targets(TRUTH), choice(name, fell_back), contenders, 0)


def test_yes_when_the_pretrained_model_is_surely_better():
    found = judge("probe", [contender("probe", test=TRUTH), contender("pixels", test=WRONG, kind="baseline")])
    assert (found["transfer_helps"], found["chosen"], found["against"]) == ("yes", "probe", "pixels")
    assert found["difference"]["value"] == 1.0 and found["difference"]["low"] > 0
    assert found["why"].startswith("Transfer helps: the pretrained model is 100.0 points of accuracy above")
    assert "On the training folds" not in found["why"]


def test_no_when_it_is_surely_worse_and_then_both_are_said():
    found = judge("probe", [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")])
    assert found["transfer_helps"] == "no" and found["difference"]["high"] < 0
    assert "100.0 points of accuracy below" in found["why"]
    assert "On the training folds it looked otherwise: The folds preferred probe." in found["why"]
    assert "The choice stands" in found["why"]


def test_no_after_a_fall_back_agrees_with_the_folds():
    contenders = [contender("probe", test=WRONG), contender("pixels", test=TRUTH, kind="baseline")]
    found = judge("pixels", contenders, fell_back=True)
    assert found["transfer_helps"] == "no" and found["chosen_is_transfer"] is False
    assert "looked otherwise" not in found["why"] and found["why"].endswith("The folds preferred pixels.")


def test_yes_after_a_fall_back_says_both():
    contenders = [contender("probe", test=TRUTH), contender("pixels", test=WRONG, kind="baseline")]
    found = judge("pixels", contenders, fell_back=True)
    assert found["transfer_helps"] == "yes"
    assert "looked otherwise: The folds preferred pixels." in found["why"]


@pytest.mark.parametrize("better, side", [(1, "above"), (-1, "below"), (0, "above")])
def test_unclear_when_the_interval_holds_zero(better, side):
    nearly = TRUTH.copy()
    nearly[0] = WRONG[0]
    mine, other = (TRUTH, nearly) if better > 0 else (nearly, TRUTH) if better < 0 else (TRUTH, TRUTH)
    found = judge("probe", [contender("probe", test=mine), contender("pixels", test=other, kind="baseline")])
    assert found["transfer_helps"] == "unclear"
    assert found["difference"]["value"] == pytest.approx(better / N)
    assert f"is {abs(better) / N * 100:.1f} points of accuracy {side}" in found["why"]


def test_not_applicable_without_anything_to_compare():
    for contenders in ([contender("probe", test=TRUTH)], [contender("pixels", test=TRUTH, kind="baseline")]):
        found = judge(contenders[0].name, contenders)
        assert found["transfer_helps"] == "not_applicable" and "nothing to compare" in found["why"]


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
