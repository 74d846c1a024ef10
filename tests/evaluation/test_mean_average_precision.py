from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.mean_average_precision import (
    _bias,
    _bias_of_one,
    _design_effect,
    mean_average_precision_interval,
)
from headstart.evaluation.multilabel import average_precisions

FALLING = np.array([4.0, 3.0, 2.0, 1.0])


def columns(*each):
    return np.stack([np.asarray(column) for column in each], axis=1)


def test_the_design_effect_of_two_labels_by_hand():
    # Precisions at the positives of the first label are 1 and 2/3, of the second 1 and 1/2. Less their means, halved:
    # 1/12, 0, -1/12, 0 and 1/8, 0, 0, -1/8. Squares of the sums 5/24, 0, -1/12, -1/8 add up to 38/576, those of each
    # to 26/576. A label that nobody or everybody has tells nothing.
    truth = columns([1, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]) > 0
    scores = columns(FALLING, FALLING, FALLING, FALLING)
    assert _design_effect(truth, scores) == pytest.approx(38 / 26)


def test_labels_of_more_examples_move_less_by_each():
    # 1, 2/3 and 3/4 less their mean 29/36, a third each, are 7, -5 and -2 in 108ths; the first label has 9 and -9. Sums
    # 16, -14, -2: 456 over 81 + 81 + 49 + 25 + 4
    truth = columns([1, 0, 1, 0], [1, 0, 1, 1]) > 0
    assert _design_effect(truth, columns(FALLING, FALLING)) == pytest.approx(456 / 240)


def test_copies_of_a_label_are_as_many_decisions_less():
    label = np.array([1, 0, 1, 0]) > 0
    assert _design_effect(columns(*[label] * 5), columns(*[FALLING] * 5)) == pytest.approx(5)


def test_mistakes_that_cancel_and_rankings_without_any_have_none():
    label = np.array([1, 0, 1, 0]) > 0
    assert _design_effect(columns(label, label), columns(FALLING, [2.0, 3.0, 4.0, 1.0])) == 1
    assert _design_effect(columns(label, label), columns(label * 1.0, label * 1.0)) == 1


TIED = (np.array([1, 1, 0, 0]) > 0, np.array([2.0, 2.0, 3.0, 1.0]))  # two positives alike, between the negatives
BELOW = (np.array([1, 1, 1, 0, 0, 0]) > 0, np.array([3.0, 2.0, 1.0, 6.0, 5.0, 4.0]))


def rng():
    return np.random.default_rng(0)


def test_the_bias_of_few_examples_by_hand():
    # However the first is cut, one half has the higher negative (1/2) and the other the lower one (1); the whole has
    # 2/3. Halves have twice the bias, so it is 3/4 - 2/3.
    assert _bias_of_one(*TIED, rng()) == pytest.approx(3 / 4 - 2 / 3)
    # One of three positives and one of three negatives are always 1/2, the whole is (1/4 + 2/5 + 3/6)/3; a third of
    # the examples have three times the bias, hence half of the difference.
    assert _bias_of_one(*BELOW, rng()) == pytest.approx((1 / 2 - (1 / 4 + 2 / 5 + 3 / 6) / 3) / 2)


def test_many_examples_have_no_bias_and_one_tells_nothing_of_it(monkeypatch):
    monkeypatch.setattr("headstart.evaluation.mean_average_precision.MANY", 2)
    assert _bias_of_one(*TIED, rng()) == pytest.approx(1 / 12) and _bias_of_one(*BELOW, rng()) == 0
    assert _bias_of_one(np.arange(4) == 0, FALLING, rng()) is None
    assert _bias_of_one(np.zeros(4, bool), FALLING, rng()) is None
    assert _bias_of_one(np.ones(2, bool), FALLING[:2], rng()) is None


def test_the_bias_is_the_mean_over_the_labels_that_tell_it_and_never_below_zero():
    once = np.arange(4) == 0
    assert _bias(columns(TIED[0], once), columns(TIED[1], FALLING), rng()) == pytest.approx(1 / 12)
    assert _bias(columns(once), columns(FALLING), rng()) == 0
    # two alike below three: 2/5, and a half of one below two has 1/3
    low = np.array([1, 1, 0, 0, 0]) > 0
    assert _bias_of_one(low, 1.0 - low, rng()) == pytest.approx(1 / 3 - 2 / 5)
    assert _bias(columns(low), columns(1.0 - low), rng()) == 0


def test_limits_move_out_by_the_root_of_the_design_effect_and_the_lower_one_down_by_the_bias():
    truth = columns(TIED[0], TIED[0])  # a copy: the design effect is 2 once errors are not all alike
    scores = columns([4.0, 2.0, 3.0, 1.0], [4.0, 2.0, 3.0, 1.0])
    value = (1 + 2 / 3) / 2
    low, high = mean_of_proportions(np.full(2, 2 * value), np.full(2, 2))
    bias = _bias(truth, scores, rng())
    found = mean_average_precision_interval(truth, scores, rng())
    assert found == pytest.approx(
        (max(0, value - np.sqrt(2) * (value - low) - bias), min(1, value + np.sqrt(2) * (high - value)))
    )
    assert bias > 0 and found[0] > 0


def test_the_upper_limit_moves_out_too():
    rng_ = np.random.default_rng(1)
    truth = rng_.random((400, 3)) < 0.3
    truth[:, 1] = truth[:, 0]
    scores = truth + 2 * rng_.normal(size=(400, 3))
    scores[:, 1] = scores[:, 0]
    values, positives = average_precisions(truth, scores)
    _, high = mean_of_proportions(values * positives, positives)
    stretched = values.mean() + np.sqrt(_design_effect(truth, scores)) * (high - values.mean())
    assert high < stretched < 0.9
    assert mean_average_precision_interval(truth, scores, rng())[1] == pytest.approx(stretched)


def test_grades_of_scores_are_ranked_as_numbers():
    truth, scores = columns(TIED[0]), columns(TIED[1] - 1)
    assert mean_average_precision_interval(truth, scores.astype(np.uint8), rng()) == pytest.approx(
        mean_average_precision_interval(truth, scores, rng())
    )
