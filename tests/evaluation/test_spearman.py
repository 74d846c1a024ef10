from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from headstart.evaluation.spearman import _influence, _mean_above, spearman, spearman_interval


def with_ties(seed, n=12):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 6, n).astype(float)
    return y, np.round(y + rng.normal(size=n))


def test_the_mean_above_by_hand():
    # above 1: the weights 4 and 8 and half of its own; of the two equal ones half of both
    assert _mean_above(np.array([1, 2, 2]), np.array([1.0, 4.0, 8.0])) == pytest.approx([12.5 / 3, 6 / 3, 6 / 3])


@pytest.mark.parametrize("seed", range(3))
def test_the_influence_is_how_the_correlation_moves_when_an_example_weighs_more(seed):
    y, p = with_ties(seed)
    value = spearman(y, p)
    influence = _influence(y, p, value)
    many = 2000  # copies of all, so that one example more moves little
    for i in range(len(y)):
        moved = spearman(np.append(np.tile(y, many), y[i]), np.append(np.tile(p, many), p[i])) - value
        assert moved * (many * len(y) + 1) == pytest.approx(influence[i], abs=5e-3)
    assert influence.mean() == pytest.approx(0, abs=1e-12)


def test_where_errors_are_alike_everywhere_it_is_bonett_and_wrights_interval():
    y = np.arange(30.0)
    p = y + 8 * np.sin(7 * y)
    r = spearman(y, p)
    reach = norm.ppf(0.975) * np.sqrt((1 + r**2 / 2) / 27)
    assert 0.6 < r < 0.9
    assert spearman_interval(y, p) == pytest.approx((np.tanh(np.arctanh(r) - reach), np.tanh(np.arctanh(r) + reach)))


def test_where_errors_grow_with_the_value_the_spread_of_what_examples_add_decides():
    rng = np.random.default_rng(0)
    y = np.arange(200.0)
    p = np.where(y < 100, y, 200 * rng.random(200))
    r = spearman(y, p)
    without = [spearman(np.delete(y, i), np.delete(p, i)) for i in range(200)]
    reach = t.ppf(0.975, 199) * np.std(without) * np.sqrt(199) / (1 - r**2)
    plain = norm.ppf(0.975) * np.sqrt((1 + r**2 / 2) / 197)
    low, high = spearman_interval(y, p)
    assert (np.arctanh(r) - np.arctanh(low), np.arctanh(high) - np.arctanh(r)) == pytest.approx(
        (reach, reach), rel=0.05
    )
    assert reach > 1.2 * plain


def test_the_opposite_order_has_the_opposite_interval():
    y, p = with_ties(3, 40)
    low, high = spearman_interval(y, p)
    assert spearman_interval(y, -p) == pytest.approx((-high, -low))
    low, high = spearman_interval(np.arange(30.0), -np.arange(30.0))
    assert -1 - 1e-12 <= low < high < -0.9


def test_four_examples_are_enough():
    low, high = spearman_interval(np.array([1, 2, 3, 4]), np.array([1, 3, 2, 4]))
    assert -1 < low < 0.8 < high < 1  # 1 - 6 * 2 / (4 * 15)
