import numpy as np
import pytest

from headstart.adaptation.adapters.importance_weighting import rows_that_count
from headstart.adaptation.adapters.prior_bbse import shares_of, smoothed
from headstart.adaptation.adapters.prior_em import shares_by_em
from headstart.adaptation.adapters.standardisation import moments_map


def test_a_recogniser_right_eight_times_in_ten_that_sees_62_of_100_saw_70():
    # 0.8 p + 0.2 (1 - p) = 0.62, so p = 0.7
    outputs = np.array([[1.0, 0.0]] * 62 + [[0.0, 1.0]] * 38)
    np.testing.assert_allclose(shares_of(np.array([[8, 2], [2, 8]]), outputs), [0.7, 0.3], atol=1e-9)


def test_half_a_row_each_keeps_two_classes_from_having_none():
    assert smoothed(np.array([9.0, 0.0])).tolist() == pytest.approx([0.95, 0.05])


def slow_em(given, before, steps):
    after = before.copy()
    for _ in range(steps):
        total = np.full(len(before), 1 / len(before))  # one row, spread evenly
        for row in given:
            weighed = [p * new / old for p, new, old in zip(row, after, before, strict=True)]
            total = total + np.array(weighed) / sum(weighed)
        after = total / (len(given) + 1)
    return after


def test_expectation_maximisation_is_that_of_loops():
    rng = np.random.default_rng(0)
    given = rng.dirichlet(np.ones(3), size=40)
    before = np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(shares_by_em(given, before), slow_em(given, before, 300), atol=1e-4)


def test_rows_that_count_are_all_of_equal_ones_and_one_of_a_single_one():
    assert rows_that_count(np.full(7, 3.0)) == pytest.approx(7)
    assert rows_that_count(np.array([5.0, 0.0, 0.0])) == pytest.approx(1)
    assert rows_that_count(np.array([3.0, 1.0])) == pytest.approx(1.6)  # 16 / 10


def test_moments_become_those_of_the_target_and_a_constant_column_only_moves():
    rng = np.random.default_rng(1)
    source, target = rng.normal(size=(50, 3)), rng.normal(size=(40, 3)) * 3 + 2
    source[:, 2] = 4.0
    scale, shift = moments_map(source, target)
    moved = source * scale + shift
    np.testing.assert_allclose(moved.mean(axis=0), target.mean(axis=0))
    np.testing.assert_allclose(moved.std(axis=0)[:2], target.std(axis=0)[:2])
    assert scale[2] == 1
