from __future__ import annotations

import numpy as np
import pytest

from evidence.helpers_evidence import contender, logits, targets, task
from headstart.core.learning import Targets
from headstart.evidence.trained_guard import against_start
from headstart.tasks.choose import configured

TRUTH = [0, 0, 0, 0, 1, 1, 1, 1] * 3
LEAST, MOST = 0.05, 5.0  # factors within which each side's temperature is chosen
NOWHERE = np.full((len(TRUTH), 2), np.nan)


def mistaken(count: int) -> list[int]:
    """The truth, with so many of its first rows wrong."""
    return [1 - truth if row < count else truth for row, truth in enumerate(TRUTH)]


def on_rows(outputs: np.ndarray, rows) -> np.ndarray:
    """Known on these rows alone, as a training's are on its validation rows."""
    found = np.full(outputs.shape, np.nan)
    found[rows] = outputs[rows]
    return found


def chosen(trained, start):
    return against_start(
        task(), targets(TRUTH), contender("lp_ft", folds=trained), contender("linear_probe", folds=start)
    )


def test_a_clear_gain_ships_what_was_trained():
    choice = chosen(logits(TRUTH), logits(mistaken(12)))
    assert (choice.name, choice.fell_back, choice.rows) == ("lp_ft", False, 24)
    assert choice.why.startswith("lp_ft is better than linear_probe on 24 validation examples (log-loss ")


def test_the_losses_are_those_at_the_best_temperature_of_each_side():
    """All right: as sharp as the factors go. Half wrong: no sharpness helps, so as flat as they go."""
    choice = chosen(logits(TRUTH), logits(mistaken(12)))
    right = np.log1p(np.exp(-2.0 * MOST))
    half = (np.log1p(np.exp(-2.0 * LEAST)) + np.log1p(np.exp(2.0 * LEAST))) / 2
    assert choice.losses == pytest.approx({"lp_ft": right, "linear_probe": half}, rel=0.02)


def test_next_to_nothing_on_every_row_is_no_reason_to_ship():
    """All right on both sides: sharper everywhere, by less than a five-hundredth of a constant's loss."""
    choice = chosen(logits(TRUTH, sure=2.0), logits(TRUTH, sure=1.6))
    assert 0 < choice.losses["linear_probe"] - choice.losses["lp_ft"] < 0.002 * np.log(2)
    assert (choice.name, choice.fell_back) == ("linear_probe", True)


def test_only_rows_that_both_know_are_compared():
    """Off the validation rows the probe is always wrong, which must not count against it."""
    rows = np.arange(4, 12)
    start = logits(np.where(np.isin(np.arange(len(TRUTH)), rows), TRUTH, 1 - np.asarray(TRUTH)))
    choice = chosen(on_rows(logits(TRUTH), rows), start)
    assert (choice.name, choice.fell_back, choice.rows) == ("linear_probe", True, 8)
    assert "so training did not help" in choice.why


def test_a_gain_within_one_standard_error_keeps_the_start():
    """Three rows got better and two others worse: one of 24 on balance."""
    rows = np.arange(len(TRUTH))
    choice = chosen(logits(np.where(rows < 2, 1, TRUTH)), logits(np.where((rows > 3) & (rows < 7), 0, TRUTH)))
    assert (choice.name, choice.fell_back) == ("linear_probe", True)
    assert choice.losses["lp_ft"] < choice.losses["linear_probe"]
    assert "which is within chance" in choice.why and choice.why.endswith("so linear_probe was chosen.")


def test_a_gain_on_six_rows_and_no_loss_is_beyond_chance():
    choice = chosen(logits(mistaken(2)), logits(mistaken(8)))
    assert (choice.name, choice.fell_back) == ("lp_ft", False)


def test_a_lower_loss_with_a_worse_score_keeps_the_start():
    """Two rows just on the wrong side cost accuracy and little loss; the start is right and hardly says so."""
    trained = logits(TRUTH, sure=4.0)
    trained[:2] = logits([1, 1], sure=0.1)
    start = logits(TRUTH, sure=0.001)
    choice = chosen(trained, start)
    assert choice.losses["lp_ft"] < choice.losses["linear_probe"]
    assert (choice.name, choice.fell_back) == ("linear_probe", True)
    assert "and its accuracy is worse" in choice.why


def test_the_same_outputs_keep_the_start():
    choice = chosen(logits(mistaken(4)), logits(mistaken(4)))
    assert (choice.name, choice.fell_back) == ("linear_probe", True)
    assert "so training did not help" in choice.why


@pytest.mark.parametrize("trained, start", [(NOWHERE, logits(TRUTH)), (logits(TRUTH), NOWHERE)])
def test_without_common_rows_the_start_is_kept_and_that_is_said(trained, start):
    choice = chosen(trained, start)
    assert (choice.name, choice.fell_back, choice.rows) == ("linear_probe", True, 0)
    assert choice.losses == {"lp_ft": None, "linear_probe": None}
    assert "No examples could be held out" in choice.why


def test_one_common_row_has_no_standard_error_and_keeps_the_start():
    choice = chosen(on_rows(logits(TRUTH), [0]), logits(mistaken(12)))
    assert (choice.name, choice.rows) == ("linear_probe", 1)


def numbers(trained, start, truth):
    """Contenders for numbers, each output in a column."""
    made = configured("regression", np.array([str(value) for value in truth], dtype=object))
    both = [
        contender(name, folds=np.asarray(outputs, float)[:, None], settled=made)
        for name, outputs in (("lp_ft", trained), ("linear_probe", start))
    ]
    return against_start(made, Targets(np.asarray(truth, float), "real", 1), *both)


def test_numbers_are_judged_by_squared_error_where_less_is_better():
    truth = np.linspace(0.5, 12.0, 24)
    wrong = truth + np.where(np.arange(24) % 2, 2.0, -2.0)
    better = numbers(truth + 0.5, wrong, truth)
    assert (better.name, better.fell_back) == ("lp_ft", False)
    worse = numbers(wrong, truth + 0.5, truth)
    assert (worse.name, worse.fell_back) == ("linear_probe", True)
    assert "squared error 4.000 against 0.250, and its rmse is worse" in worse.why


def test_numbers_are_not_scaled_to_a_temperature():
    truth = np.linspace(0.5, 12.0, 24)
    choice = numbers(truth * 2, truth + 0.5, truth)  # half of it would be right
    assert choice.name == "linear_probe"


def test_a_choice_is_json():
    document = chosen(logits(TRUTH), logits(mistaken(12))).to_dict()
    assert set(document) == {"chosen", "out_of_fold_loss", "rows", "fell_back", "why"}
    assert document["chosen"] == "lp_ft"


def test_what_the_start_gains_from_all_rows_counts_for_it():
    """Twelve rows better: by far more than chance. What is left when nearly all of it is taken off is not."""
    trained, start = (contender("lp_ft", folds=logits(TRUTH)), contender("linear_probe", folds=logits(mistaken(12))))
    gap = against_start(task(), targets(TRUTH), trained, start).losses
    all_of_it = gap["linear_probe"] - gap["lp_ft"]
    little, much = (against_start(task(), targets(TRUTH), trained, start, part * all_of_it) for part in (0.1, 0.99))
    assert (little.name, much.name) == ("lp_ft", "linear_probe")
    assert f"{gap['linear_probe'] - 0.1 * all_of_it:.3f} once it has learned from all examples" in little.why
    assert little.losses == much.losses == gap  # they are those that were measured
