import itertools

import numpy as np
import pytest
from scipy.stats import ttest_ind

from headstart.evaluation.fairness import permuted
from headstart.evaluation.fairness.permuted import permuted_differences_p, permuted_means_p, permuted_rates_p


def test_differences_come_near_the_share_among_all_ways_of_dividing():
    values, code = np.array([1.0, 2.0, 4.0, 8.0, 3.0, 9.0, 7.0]), np.array([0, 0, 0, 1, 1, 1, 1])
    sizes = np.array([3, 4])
    observed = abs(ttest_ind(values[:3], values[3:], equal_var=False).statistic)
    ways = list(itertools.combinations(range(7), 3))
    as_extreme = 0
    for way in ways:
        rest = np.setdiff1d(np.arange(7), way)
        as_extreme += abs(ttest_ind(values[list(way)], values[rest], equal_var=False).statistic) >= observed - 1e-9
    found = permuted_differences_p(values, code, 0, "x")
    assert found[0] == pytest.approx(as_extreme / len(ways), abs=0.03) and found[1] == found[0]
    assert permuted._welch(values[None] - values.mean(), sizes)[0] == pytest.approx([observed, observed])


def test_a_group_of_one_has_no_p_value():
    assert set(permuted_differences_p(np.arange(6.0), np.array([0, 1, 1, 2, 2, 2]), 0)) == {1, 2}


def test_values_that_are_all_the_same_show_nothing():
    assert permuted_differences_p(np.ones(8), np.arange(8) // 4, 0) == {0: 1.0, 1: 1.0}
    assert permuted_means_p((np.ones(4), np.ones(4)), 0) == 1.0


def test_rates_come_near_the_share_among_all_ways_of_dividing():
    hits, trials = np.array([4, 1, 2]), np.array([5, 4, 3])
    flags = np.repeat([1, 0], [7, 5])
    expected = trials * 7 / 12
    observed = ((hits - expected) ** 2 / trials).sum()
    ways = np.array(list(itertools.combinations(range(12), 7)))
    members = np.repeat([0, 1, 2], trials)
    again = np.stack([(members[ways] == group).sum(axis=1) for group in range(3)], axis=1)
    share = (((again - expected) ** 2 / trials).sum(axis=1) >= observed - 1e-9).mean()
    assert flags.sum() == hits.sum()
    assert permuted_rates_p([(hits, trials)], 0) == pytest.approx(share, abs=0.03)


def test_rates_of_none_or_all_show_nothing():
    assert permuted_rates_p([(np.array([0, 0]), np.array([5, 9]))], 0) == 1.0
    assert permuted_rates_p([(np.array([5, 9]), np.array([5, 9]))], 0) == 1.0


def test_the_same_seed_gives_the_same_p_value_and_another_purpose_another_stream():
    values, code = np.random.default_rng(0).normal(size=40), np.arange(40) % 2
    first = permuted_differences_p(values, code, 3, "a")
    assert permuted_differences_p(values, code, 3, "a") == first
    assert permuted_differences_p(values, code, 3, "b") != first


def test_blocks_do_not_change_how_many_permutations_there_are(monkeypatch):
    monkeypatch.setattr(permuted, "BLOCK", 100)
    monkeypatch.setattr(permuted, "DRAWS", 33)
    assert sum(len(block) for block in permuted._permutations(np.arange(7.0), 0)) == 33


def test_the_limiting_distribution_is_near_the_permutations(monkeypatch):
    rng = np.random.default_rng(5)
    values, code = rng.normal(size=400), np.arange(400) % 3
    values += 0.1 * (code == 1)
    members = tuple(values[code == group] for group in range(3))
    before = permuted_differences_p(values, code, 0), permuted_means_p(members, 0)
    monkeypatch.setattr(permuted, "MANY", 100)
    after = permuted_differences_p(values, code, 0), permuted_means_p(members, 0)
    assert [after[0][group] for group in range(3)] == pytest.approx([before[0][group] for group in range(3)], abs=0.03)
    assert after[1] == pytest.approx(before[1], abs=0.03)


def test_one_in_twenty_is_small_where_nothing_differs():
    rng = np.random.default_rng(1)
    found = [permuted_rates_p([(rng.binomial([20, 40, 9], 0.3), np.array([20, 40, 9]))], seed) for seed in range(400)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
