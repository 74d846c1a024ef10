from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from headstart.evaluation.qwk import kappa_difference, kappa_interval, kappa_shares, quadratic_kappa


def graded(n=60, k=5, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(k, size=n)
    return truth, np.clip(truth + rng.integers(-1, 2, size=n), 0, k - 1)


def test_kappa_by_hand():
    truth, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    # squared distances: 0 1 0 0, mean 1/4. By chance, over all 16 pairs (t, p): t=0 twice: 0 1 1 4; t=1: 1 0 0 1;
    # t=2: 4 1 1 0: (2 * 6 + 2 + 6) / 16 = 20 / 16
    assert quadratic_kappa(truth, predicted) == pytest.approx(1 - (1 / 4) / (20 / 16))


@pytest.mark.parametrize("k", [2, 5, 10])
def test_kappa_equals_scikit_learn(k):
    truth, predicted = graded(200, k, seed=k)
    assert quadratic_kappa(truth, predicted) == pytest.approx(cohen_kappa_score(truth, predicted, weights="quadratic"))


@given(st.integers(0, 500))
def test_scale_and_order_do_not_matter(seed):
    truth, predicted = graded(25, 4, seed)
    order = np.random.default_rng(seed).permutation(25)
    value = quadratic_kappa(truth, predicted)
    assert quadratic_kappa(10 * truth + 3, 10 * predicted + 3) == pytest.approx(value)
    assert quadratic_kappa(truth[order], predicted[order]) == pytest.approx(value)
    assert quadratic_kappa(predicted, truth) == pytest.approx(value)
    assert kappa_shares(truth, predicted).mean() == pytest.approx(value)


def test_small_types_do_not_wrap_around():
    truth, predicted = np.array([0, 20, 5], np.uint8), np.array([3, 20, 0], np.uint8)
    assert quadratic_kappa(truth, predicted) == quadratic_kappa(truth.astype(float), predicted.astype(float))


def test_of_rare_grades_the_shares_average_to_kappa_too():
    truth, predicted = np.repeat([0, 1], [18, 2]), np.repeat([0, 1], [19, 1])
    assert kappa_shares(truth, predicted).mean() == pytest.approx(quadratic_kappa(truth, predicted))
    assert quadratic_kappa(truth, predicted) > 0.5


def test_full_agreement_is_one_and_its_lower_limit_is_what_rare_mistakes_would_give():
    truth = np.arange(40) % 4
    low, high = kappa_interval(truth, truth)
    most = 1 - 0.025 ** (1 / 40)  # Clopper & Pearson without a success
    assert quadratic_kappa(truth, truth) == high == 1.0
    assert low == pytest.approx(1 - most / (2 * 1.25))  # grades 0..3 have the variance 1.25
    assert kappa_interval(10 * truth, 10 * truth) == pytest.approx((low, high))


@pytest.mark.parametrize("n", [2, 3, 30, 3000])
def test_full_agreement_on_one_example_of_another_grade_still_has_a_limit_above_minus_one(n):
    truth = np.arange(n) == 0
    low, high = kappa_interval(truth, truth)
    assert -0.85 < low < 0 and high == 1  # 1 - 3.69 / 2 for many


def test_one_grade_alone_is_no_agreement_beyond_chance_and_has_no_interval():
    ones = np.ones(5)
    assert quadratic_kappa(ones, ones) == 0.0 and kappa_interval(ones, ones) is None
    assert (kappa_shares(ones, ones) == 0).all()
    assert kappa_interval(np.array([1]), np.array([2])) is None


def test_pairing_makes_the_difference_of_two_similar_models_narrow():
    truth, predicted = graded(300)
    nearly = predicted.copy()
    nearly[:3] = truth[:3]
    value, (low, high) = kappa_difference(truth, nearly, predicted)
    assert value == pytest.approx(quadratic_kappa(truth, nearly) - quadratic_kappa(truth, predicted))
    alone = kappa_interval(truth, predicted)
    assert low < value < high and high - low < 0.5 * (alone[1] - alone[0])
    turned, bounds = kappa_difference(truth, predicted, nearly)
    assert (turned, *bounds) == pytest.approx((-value, -high, -low))


def test_equal_models_have_no_difference_and_no_interval():
    truth, predicted = graded()
    assert kappa_difference(truth, predicted, predicted) == (0.0, None)
