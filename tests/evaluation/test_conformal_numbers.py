import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ShapeError
from headstart.evaluation.conformal_numbers import scaled_intervals, scaled_reach
from headstart.tasks.prediction_interval import half_width


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(11, 60), st.sampled_from([0.5, 0.8, 0.9]))
def test_each_row_once_the_new_one_the_intervals_hold_it_often_enough(seed, n, coverage):
    rng = np.random.default_rng(seed)
    scales = rng.exponential(size=n) + 0.1
    truth, predicted = rng.standard_t(3, size=n) * rng.exponential(size=n), np.zeros(n)
    held = []
    for new in range(n):
        rest = np.arange(n) != new
        reach = scaled_reach(truth[rest] - predicted[rest], scales[rest], coverage)
        low, high = scaled_intervals(predicted, scales, reach)
        held.append(low[new] <= truth[new] <= high[new])
    assert np.mean(held) >= coverage - 1e-9


def test_equal_scales_are_plain_half_widths():
    errors = np.random.default_rng(0).normal(size=50)
    assert 3.0 * scaled_reach(errors, np.full(50, 3.0)) == pytest.approx(half_width(errors))


def test_too_few_rows_give_nothing():
    assert scaled_reach(np.ones(8), np.ones(8)) is None and scaled_reach(np.ones(9), np.ones(9)) == 1


def test_the_level_decides_which_error_is_taken():
    assert scaled_reach(np.arange(1.0, 10), np.ones(9), 0.5) == 5  # ceil(10 * 0.5) = 5: the fifth smallest


def test_numbers_of_any_type_are_reckoned_in_float64():
    assert scaled_reach(np.full(9, -128, np.int8), np.ones(9)) == 128  # which int8 does not have
    low, high = scaled_intervals(np.zeros(1), np.ones(1, np.float32), 0.1)
    assert (low[0], high[0]) == (-0.1, 0.1)


def test_the_unit_of_the_scale_does_not_count():
    rng = np.random.default_rng(1)
    errors, scales = rng.normal(size=30), rng.random(30) + 1
    assert scaled_reach(errors, scales) == pytest.approx(7 * scaled_reach(errors, scales * 7))


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(ShapeError, match="above 0"):
        scaled_reach(np.ones(10), np.append(np.ones(9), scale))


def test_what_does_not_fit_is_said():
    with pytest.raises(ShapeError, match="both be"):
        scaled_reach(np.ones(10), np.ones(9))
    with pytest.raises(ShapeError, match="both be"):
        scaled_intervals(np.ones(10), np.ones(9), 1.0)
