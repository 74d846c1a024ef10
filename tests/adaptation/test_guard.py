"""What a few labels say of an adapted head, and what is left of an estimate then."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.guard import Gain, seen_by_labels, with_labels
from headstart.core.errors import DataError, ShapeError
from headstart.evaluation.proportions import clopper_pearson

BEFORE = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
AFTER = np.array([1, 1, 1, 1, 0, 1, 1, 1, 1, 1])  # four of ten answers change: 40 points


def test_three_changed_rows_of_which_two_are_won_and_one_is_lost():
    seen = seen_by_labels(BEFORE, AFTER, np.array([0, 1, 2, 5]), np.array([1, 1, 0, 0]))
    assert (seen.n, seen.changed, seen.won, seen.lost) == (4, 3, 2, 1)
    assert seen.gain.value == pytest.approx(40 * (2 - 1) / 3)
    won, lost = (clopper_pearson(each, 3, 0.0125) for each in (2, 1))
    assert seen.gain.low == pytest.approx(40 * (won[0] - lost[1])) and seen.gain.changed == 40
    assert seen.gain.high == pytest.approx(40 * (won[1] - lost[0]))


def test_labels_of_rows_that_did_not_change_say_nothing():
    seen = seen_by_labels(BEFORE, AFTER, np.array([5, 6]), np.array([1, 0]))
    assert (seen.changed, seen.gain.value) == (0, 0)
    assert (seen.gain.low, seen.gain.high) == (-40, 40)
    estimate = Gain(3.0, -2.0, 8.0, 40.0)
    assert with_labels(estimate, seen) == estimate


def test_the_interval_holds_the_true_gain_as_often_as_it_says():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    before = np.where(rng.random(400) < 0.6, truth, 1 - truth)
    after = np.where(rng.random(400) < 0.7, truth, 1 - truth)
    gain = 100 * ((after == truth).mean() - (before == truth).mean())
    held = 0
    for _ in range(300):
        rows = rng.choice(400, 20, replace=False)
        seen = seen_by_labels(before, after, rows, truth[rows]).gain
        held += seen.low <= gain <= seen.high
    assert held >= 0.95 * 300


def test_estimate_and_labels_are_weighted_by_how_sure_they_are():
    # 8 changed rows, 6 won and 2 lost, d = 40: middle 4/10, spread 10/10 - 16/100, variance 40^2 * 0.84 / 10 = 134.4
    before, after = np.zeros(50, np.int64), np.repeat([1, 0], [20, 30])
    truth = np.array([1] * 6 + [0] * 2)
    seen = seen_by_labels(before, after, np.arange(8), truth)
    sd = 5.0
    estimate = Gain(2.0, 2.0 - 1.959963984540054 * sd, 2.0 + 1.959963984540054 * sd, 40.0)
    weight = 25 / (25 + 134.4)
    both = with_labels(estimate, seen)
    assert both.value == pytest.approx((1 - weight) * 2 + weight * 16)
    assert (both.high - both.low) / 2 / 1.959963984540054 == pytest.approx(np.sqrt(25 * 134.4 / (25 + 134.4)))


def test_labels_that_contradict_a_sure_estimate_overrule_it():
    before, after = np.zeros(100, np.int64), np.ones(100, np.int64)
    seen = seen_by_labels(before, after, np.arange(60), np.zeros(60, np.int64))
    both = with_labels(Gain(20.0, 19.9, 20.1, 100.0), seen)
    assert both.value <= seen.gain.high < -80 and both.after(0.5) < 0


def test_what_is_taken_off_is_a_share_of_the_way_down():
    assert Gain(4.0, -2.0, 9.0, 50.0).after(0.5) == 1.0
    assert Gain(4.0, -2.0, 9.0, 50.0).after(0.0) == 4.0


def test_two_heads_that_say_the_same_gain_nothing():
    seen = seen_by_labels(BEFORE, BEFORE, np.arange(3), BEFORE[:3])
    assert seen.gain == Gain(0.0, 0.0, 0.0, 0.0)
    assert with_labels(Gain(0.0, 0.0, 0.0, 0.0), seen).value == 0


@pytest.mark.parametrize("rows", [[], [10], [-1], [2, 2]])
def test_rows_that_are_none_are_refused(rows):
    with pytest.raises(DataError, match="among the 10 target rows"):
        seen_by_labels(BEFORE, AFTER, np.array(rows, int), np.zeros(len(rows), int))


def test_lengths_must_agree():
    with pytest.raises(ShapeError, match="2 rows and 1 labels"):
        seen_by_labels(BEFORE, AFTER, np.arange(2), np.zeros(1, int))
