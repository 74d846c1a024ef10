from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import contender, logits, targets, task
from headstart.evidence.guard import guard, obeyed

TRUTH = [0, 0, 1, 1]
RIGHT = np.log1p(np.exp(-2.0))  # log-loss of a right prediction that is 2 above the other
WRONG = np.log1p(np.exp(2.0))


def test_the_preferred_one_is_kept_while_none_loses_less():
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=TRUTH), contender("pixels", folds=[0, 0, 0, 0])])
    assert (choice.name, choice.fell_back, choice.rows) == ("probe", False, 4)
    assert choice.losses == pytest.approx({"probe": RIGHT, "pixels": (RIGHT + WRONG) / 2})
    assert "probe has the smallest log-loss" in choice.why and "next is pixels" in choice.why


def test_it_falls_back_to_the_one_that_loses_least():
    others = [contender("pixels", folds=TRUTH), contender("majority", folds=[0, 0, 0, 0])]
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=[1, 1, 0, 0]), *others])
    assert (choice.name, choice.fell_back) == ("pixels", True)
    assert choice.why.startswith("probe lost to pixels") and f"{WRONG:.3f} against {RIGHT:.3f}" in choice.why
    assert choice.to_dict() == {
        "chosen": "pixels",
        "out_of_fold_loss": choice.losses,
        "rows": 4,
        "fell_back": True,
        "why": choice.why,
    }


def test_a_tie_keeps_the_preferred_one():
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=TRUTH), contender("pixels", folds=TRUTH)])
    assert (choice.name, choice.fell_back) == ("probe", False)


def test_it_is_the_loss_that_decides_and_not_the_number_of_mistakes():
    overconfident = logits([0, 0, 1, 0], sure=50.0)  # one mistake, of which it is certain
    unsure = logits([0, 0, 0, 0], sure=0.1)
    choice = guard(task(), targets(TRUTH), [contender("sure", folds=overconfident), contender("unsure", folds=unsure)])
    assert choice.name == "unsure"


def test_contenders_that_cannot_ship_are_not_chosen_and_not_counted():
    others = [contender("knn", folds=TRUTH, can_ship=False), contender("pixels", folds=[1, 1, 0, 0])]
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=[0, 0, 0, 0]), *others])
    assert choice.name == "probe" and set(choice.losses) == {"probe", "pixels"}


def test_only_rows_that_every_one_predicted_are_compared():
    half, other = logits(TRUTH), logits([1, 0, 0, 1])
    half[0], other[3] = np.nan, np.nan
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=half), contender("pixels", folds=other)])
    assert choice.rows == 2
    assert choice.losses == pytest.approx({"probe": RIGHT, "pixels": (RIGHT + WRONG) / 2})


def test_without_held_out_rows_the_preferred_one_is_kept_and_that_is_said():
    nothing = np.full((4, 2), np.nan)
    choice = guard(task(), targets(TRUTH), [contender("probe", folds=nothing), contender("pixels", folds=TRUTH)])
    assert (choice.name, choice.fell_back, choice.rows) == ("probe", False, 0)
    assert choice.losses == {"probe": None, "pixels": None}
    assert "No example could be held out" in choice.why


def test_one_candidate_alone_is_chosen():
    assert "only candidate" in guard(task(), targets(TRUTH), [contender("probe", folds=TRUTH)]).why


def test_a_named_method_is_obeyed_and_what_did_better_is_told():
    contenders = [contender("probe", folds=[1, 1, 0, 0]), contender("pixels", folds=TRUTH)]
    choice = obeyed(task(), targets(TRUTH), contenders)
    assert (choice.name, choice.fell_back) == ("probe", False)
    assert "probe was asked for and kept, although pixels did better" in choice.why
    assert "was chosen" not in choice.why
    assert choice.losses == guard(task(), targets(TRUTH), contenders).losses


def test_obeying_the_winner_is_what_the_guard_says():
    contenders = [contender("probe", folds=TRUTH), contender("pixels", folds=[1, 1, 0, 0])]
    assert obeyed(task(), targets(TRUTH), contenders) == guard(task(), targets(TRUTH), contenders)
