import numpy as np
import pytest
from scipy.stats import chi2

from headstart.core.errors import ShapeError
from headstart.evaluation.drift.mean_embedding import (
    chi_squares_tail,
    cosines,
    discrepancy,
    discrepancy_p,
    learn_cosines,
)


@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("level", [0.5, 0.05, 0.001, 1e-4])
def test_equal_weights_are_one_chi_square(count, level):
    value = float(chi2.isf(level, count))
    assert chi_squares_tail(2 * value, np.full(count, 2.0)) == pytest.approx(level, rel=0.02)


def test_two_weights_twice_each_are_a_mixture_of_two_exponentials():
    # 3 chi2(2) + chi2(2): exponentials with means 6 and 2, P(sum > x) = (6 exp(-x/6) - 2 exp(-x/2)) / 4
    x = 20.0
    expected = (6 * np.exp(-x / 6) - 2 * np.exp(-x / 2)) / 4
    assert chi_squares_tail(x, np.array([3.0, 3.0, 1.0, 1.0])) == pytest.approx(expected, rel=1e-3)


def test_far_out_the_bound_is_small_and_never_nothing():
    assert 0 < chi_squares_tail(500.0, np.array([1.0, 0.5])) < 1e-6


def test_products_of_cosines_are_nearly_the_gaussian_kernel():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((40, 3))
    frequencies, phases = learn_cosines(rows, 20_000, rng)
    values = cosines(rows, frequencies, phases)
    squared = ((rows[:, None] - rows[None]) ** 2).sum(-1)
    width = np.sqrt(np.median(squared[squared > 0]))
    assert np.allclose(values @ values.T, np.exp(-squared / (2 * width**2)), atol=0.08)


def test_one_distribution_is_seldom_told_apart_and_another_always():
    rng = np.random.default_rng(1)
    same, other = [], []
    for _ in range(100):
        first, second = rng.standard_normal((300, 5)), rng.standard_normal((150, 5))
        frequencies, phases = learn_cosines(first, 32, rng)
        ours = cosines(first, frequencies, phases)
        covariance = np.cov(ours.T)
        for found, rows in ((same, second), (other, second + 1)):
            distance = discrepancy(ours.mean(axis=0), cosines(rows, frequencies, phases).mean(axis=0))
            found.append(discrepancy_p(distance, covariance, 300, 150))
    assert np.mean(np.array(same) <= 0.05) <= 0.1
    assert max(other) < 1e-4


def test_a_distance_that_is_allowed_and_empty_windows_tell_nothing():
    assert discrepancy_p(0.04, np.eye(2), 10**6, 10**6, allowed=0.05) == 1.0
    assert discrepancy_p(0.5, np.eye(2), 10, 0) == 1.0
    assert discrepancy_p(0.5, np.zeros((2, 2)), 10, 10) == 1.0


def test_one_row_has_no_width():
    with pytest.raises(ShapeError, match=r"\(1, 3\)"):
        learn_cosines(np.zeros((1, 3)), 4, np.random.default_rng(0))
