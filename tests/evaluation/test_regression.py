from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn import metrics as sk

from headstart.core.errors import ShapeError
from headstart.evaluation.jackknife import below_one_interval
from headstart.evaluation.regression import (
    mae,
    mae_interval,
    r_squared,
    r_squared_interval,
    rmse,
    rmse_difference,
    rmse_interval,
)
from headstart.evaluation.spearman import spearman, spearman_interval

INTERVALS = ((rmse, rmse_interval), (mae, mae_interval), (r_squared, r_squared_interval), (spearman, spearman_interval))


def sample(n=80, seed=0, off=0.5):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n)
    return y, y + off * rng.normal(size=n)


@pytest.mark.parametrize("truth", [np.zeros((3, 1)), np.zeros(2), np.zeros(0)], ids=["a column", "fewer", "none"])
def test_numbers_that_would_be_spread_over_each_other_are_refused(truth):
    for measure in (rmse, mae, rmse_interval, mae_interval):
        with pytest.raises(ShapeError, match="must be .N,. each"):
            measure(truth, np.zeros(0 if not len(truth) else 3))


def test_errors_by_hand():
    y, p = np.array([0.0, 0.0, 6.0]), np.array([3.0, 0.0, 3.0])
    assert rmse(y, p) == pytest.approx(np.sqrt(18 / 3))
    assert mae(y, p) == pytest.approx(2)
    assert r_squared(y, p) == pytest.approx(1 - 6 / 8)  # targets 0, 0, 6 have the variance 8


def test_values_equal_scikit_learn_and_scipy():
    y, p = sample()
    assert rmse(y, p) == pytest.approx(sk.root_mean_squared_error(y, p))
    assert mae(y, p) == pytest.approx(sk.mean_absolute_error(y, p))
    assert r_squared(y, p) == pytest.approx(sk.r2_score(y, p))
    assert spearman(y, p) == pytest.approx(spearmanr(y, p).statistic)
    ties = np.round(p)
    assert spearman(y, ties) == pytest.approx(spearmanr(y, ties).statistic)


def test_small_types_are_widened_before_anything_is_computed():
    y, p = (values.astype(np.float32) for values in sample(50))
    wide_y, wide_p = y.astype(np.float64), p.astype(np.float64)
    for value, interval in INTERVALS:
        assert value(y, p) == value(wide_y, wide_p) and interval(y, p) == interval(wide_y, wide_p)
    assert mae(np.array([0, 200], np.uint8), np.array([200, 0], np.uint8)) == 200


@given(st.integers(0, 300), st.floats(0.05, 3))
def test_every_interval_holds_its_value_and_the_order_of_examples_is_irrelevant(seed, off):
    y, p = sample(20, seed, off)
    order = np.random.default_rng(seed).permutation(20)
    for value, interval in INTERVALS:
        low, high = interval(y, p)
        assert low <= value(y, p) <= high
        assert interval(y[order], p[order]) == pytest.approx((low, high))


@given(st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_another_unit_scales_errors_and_leaves_the_others_alone(scale, shift):
    y, p = sample(30)
    assert rmse_interval(scale * y + shift, scale * p + shift) == pytest.approx(
        tuple(scale * bound for bound in rmse_interval(y, p)), rel=1e-6
    )
    for interval in (r_squared_interval, spearman_interval):
        assert interval(scale * y + shift, scale * p + shift) == pytest.approx(interval(y, p), rel=1e-5)


def test_what_is_undefined_is_none():
    same, y = np.ones(5), np.arange(5.0)
    assert r_squared(same, y) is None and r_squared_interval(same, y) is None
    assert spearman(same, y) is None and spearman_interval(y, same) is None
    assert rmse_interval(y, y) is None and r_squared_interval(y, y) is None and rmse(y, y) == 0
    assert spearman_interval(y[:3], y[:3]) is None and spearman(y[:3], y[:3]) == 1
    for _, interval in INTERVALS:
        assert interval(y[:1], y[:1] + 1) is None


def test_the_interval_of_r_squared_comes_from_leaving_out_each_example():
    y, p = sample(15)
    without = [r_squared(np.delete(y, i), np.delete(p, i)) for i in range(15)]
    error = np.sqrt(14 / 15 * ((without - np.mean(without)) ** 2).sum())
    assert r_squared_interval(100 + y, 100 + p) == pytest.approx(below_one_interval(r_squared(y, p), error, 15))


@pytest.mark.parametrize("predicted", [[1.0, 0.0, 3.0], [0.0, 0.0, 2.0]])
def test_r_squared_has_no_interval_where_it_is_undefined_without_one_example(predicted):
    assert r_squared_interval(np.array([0.0, 0.0, 3.0]), np.array(predicted)) is None


def test_a_perfect_order_still_has_room_below():
    y = np.arange(30.0)
    low, high = spearman_interval(y, y**3)
    assert 0.9 < low < high <= 1 + 1e-12


def test_a_difference_is_positive_where_the_first_is_better():
    y, p = sample(200)
    _, worse = sample(200, off=1.0)
    value, (low, high) = rmse_difference(y, p, worse)
    assert value == pytest.approx(rmse(y, worse) - rmse(y, p)) and 0 < low < value < high
    assert rmse_difference(y, p, p) == (0.0, None)
