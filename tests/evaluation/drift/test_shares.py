from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from headstart.evaluation.drift.shares import more_often_p, share_distance, shares_p


def test_three_of_ten_examples_must_change():
    assert share_distance(np.array([5, 5]), np.array([8, 2])) == 0.3
    assert share_distance(np.array([5, 5]), np.array([0, 0])) == 0.0


def exact_p(first, second):
    """Every table with the same sums, by its chance."""
    together, m = first + second, int(second.sum())
    expected = together * (m / together.sum())
    found, total = ((second - expected) ** 2 / expected).sum(), comb(int(together.sum()), m)
    chance = 0.0
    for table in product(*(range(int(count) + 1) for count in together)):
        if sum(table) == m and ((np.array(table) - expected) ** 2 / expected).sum() >= found - 1e-12:
            chance += np.prod([comb(int(count), taken) for count, taken in zip(together, table, strict=True)]) / total
    return chance


def test_the_p_value_is_that_of_all_tables_with_the_same_sums():
    first, second = np.array([6, 3, 1]), np.array([2, 3, 4])
    assert shares_p(first, second, np.random.default_rng(0)) == pytest.approx(exact_p(first, second), rel=0.25)


def test_a_change_that_never_comes_by_chance_has_the_smallest_p_value_there_is():
    assert shares_p(np.array([500, 0]), np.array([0, 500]), np.random.default_rng(0)) == 1 / 40_001


def test_empty_windows_and_single_classes_tell_nothing():
    rng = np.random.default_rng(0)
    assert shares_p(np.array([5, 5]), np.array([0, 0]), rng) == 1.0
    assert shares_p(np.array([5, 0]), np.array([7, 0]), rng) == 1.0


def test_of_equal_shares_one_in_twenty_is_rare_at_most():
    rng = np.random.default_rng(2)
    shares = np.full(30, 1 / 30)
    found = [shares_p(rng.multinomial(200, shares), rng.multinomial(60, shares), rng) for _ in range(300)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * (0.05 * 0.95 / 300) ** 0.5


def test_three_of_three_against_none_of_three_is_one_of_twenty_tables():
    assert more_often_p(0, 3, 3, 3) == 0.05
    assert more_often_p(0, 0, 3, 3) == 1.0
    assert more_often_p(7, 500, 20, 300) == pytest.approx(hypergeom.sf(19, 800, 27, 300), rel=1e-6)
