from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.jackknife import below_one_interval, standard_error, t_interval


def first(means):
    return means[..., 0]


def test_of_a_mean_it_is_the_standard_error_of_the_mean():
    x = np.array([1.0, 2.0, 4.0, 7.0])
    assert standard_error(x[:, None], first) == pytest.approx(x.std(ddof=1) / 2)


def test_two_examples_are_enough():
    assert standard_error(np.array([[0.0], [2.0]]), first) == pytest.approx(1)  # sqrt(2) / sqrt(2)


def test_small_floats_are_summed_in_large_ones():
    x = (1000 + np.random.default_rng(2).normal(size=(3000, 1))).astype(np.float32)
    assert standard_error(x, first) == pytest.approx(standard_error(x.astype(np.float64), first), rel=1e-9)


def test_it_equals_leaving_out_each_example_in_a_loop():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 2)) + 3

    def ratio(means):
        return means[..., 0] / means[..., 1]

    without = [ratio(np.delete(x, i, axis=0).mean(axis=0)) for i in range(20)]
    slow = np.sqrt(19 / 20 * ((without - np.mean(without)) ** 2).sum())
    assert standard_error(x, ratio) == pytest.approx(slow)


def test_blocks_and_small_types_change_nothing(monkeypatch):
    x = np.random.default_rng(1).integers(0, 3, size=(50, 3)).astype(np.uint8)
    whole = standard_error(x.astype(float), first)
    monkeypatch.setattr("headstart.evaluation.jackknife.BLOCK", 21)
    assert standard_error(x, first) == pytest.approx(whole, rel=1e-12)


def test_nothing_to_see_gives_no_interval():
    assert standard_error(np.ones((5, 1)), first) == 0 and t_interval(1.0, 0.0, 5) is None
    assert np.isnan(standard_error(np.ones((1, 1)), first)) and t_interval(1.0, float("nan"), 1) is None
    assert below_one_interval(1.0, 0.1, 5) is None


def test_a_t_interval_by_hand():
    # t of 3 degrees of freedom: 3.1824
    assert t_interval(1.0, 0.5, 4) == pytest.approx((1 - 1.5912, 1 + 1.5912), abs=1e-4)


def test_an_interval_below_one_by_hand():
    # t times 0.1 is 0.31824; of log(0.5) to both sides gives 1 - 0.5 exp(+-0.63649), the lower 0.0551, the upper 0.7354
    assert below_one_interval(0.5, 0.1, 4) == pytest.approx((0.0551, 0.8182), abs=1e-4)


@given(st.floats(-5, 0.999), st.floats(1e-6, 10), st.integers(2, 1000))
def test_below_one_it_holds_the_value_and_the_t_interval_up_to_one(value, error, n):
    low, high = below_one_interval(value, error, n)
    plain = t_interval(value, error, n)
    assert low <= plain[0] and low < value < high <= 1 and high >= min(plain[1], 1)
