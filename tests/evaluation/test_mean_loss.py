import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from headstart.evaluation.mean_loss import mean_interval


def test_without_skewness_it_is_the_t_interval():
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    # mean 3, sd sqrt(10/4), t(4) at 0.975 is 2.776
    reach = t.ppf(0.975, 4) * np.sqrt(2.5 / 5)
    assert mean_interval(x) == pytest.approx((3 - reach, 3 + reach))


def test_two_values_are_enough():
    # mean 2, standard error 1, t(1) at 0.975 is 12.706
    assert mean_interval(np.array([1.0, 3.0])) == pytest.approx((0, 2 + 12.7062), abs=1e-4)


@pytest.mark.parametrize("unit", [1e-15, 1e12])
def test_another_unit_scales_it(unit):
    x = np.random.default_rng(0).exponential(size=20)
    assert mean_interval(unit * x) == pytest.approx(tuple(unit * bound for bound in mean_interval(x)))


def test_a_long_right_tail_moves_the_interval_up():
    x = np.append(np.full(29, 0.1), 3.0)
    low, high = mean_interval(x)
    assert high - x.mean() > x.mean() - low


def test_the_limits_solve_halls_equation():
    x = np.random.default_rng(0).exponential(size=50)
    a = (((x - x.mean()) / x.std(ddof=1)) ** 3).mean() / np.sqrt(50)
    for limit, side in zip(mean_interval(x), (1, -1), strict=True):
        statistic = (x.mean() - limit) / (x.std(ddof=1) / np.sqrt(50))
        corrected = statistic + a * statistic**2 / 3 + a**2 * statistic**3 / 27 + a / 6
        assert corrected == pytest.approx(side * t.ppf(0.975, 49))


@pytest.mark.parametrize("values", [[0.7], [0.7, 0.7, 0.7], [0.0, 0.0]])
def test_values_without_spread_have_no_interval(values):
    assert mean_interval(np.array(values)) is None


@given(st.lists(st.floats(0, 1e3, allow_subnormal=False), min_size=2, max_size=50))
def test_the_interval_is_finite_ordered_and_not_negative(values):
    bounds = mean_interval(np.array(values))
    if bounds is not None:
        assert np.isfinite(bounds).all() and 0 <= bounds[0] <= np.mean(values) * (1 + 1e-9)
        assert bounds[1] >= np.mean(values) * (1 - 1e-9)
