from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from evaluation.transferability.helpers_transferability import as_targets, made, score
from headstart.evaluation.transferability.parc import correlation_distances, parc


def parc_by_loops(x, y):
    """Correlations of every pair of rows, of the features and of one-hot labels, then of their ranks."""
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    labels = np.eye(int(y.max()) + 1)[y]
    of_features, of_labels = [], []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            of_features.append(1 - np.corrcoef(x[i], x[j])[0, 1])
            of_labels.append(round(1 - np.corrcoef(labels[i], labels[j])[0, 1], 9))
    return spearmanr(of_features, of_labels).statistic


ROWS = np.array([[1.0, -1.0], [1.0, -1.0], [-2.0, 2.0]])  # of two dimensions, rows correlate with +1 or -1


def test_three_rows_by_hand():
    # pairs 01, 02, 12 are 0, 2, 2 apart. Labels 0, 0, 1 differ in the pairs 02 and 12: the same order
    assert parc(ROWS, np.array([0, 0, 1])) == pytest.approx(1)
    # Labels 0, 1, 1 differ in 01 and 02: ranks less their mean are -1, 1/2, 1/2 and 1/2, 1/2, -1; their product is
    # -3/4, the square of each 3/2
    assert parc(ROWS, np.array([0, 1, 1])) == pytest.approx(-1 / 2)


@pytest.mark.parametrize(("n", "d", "classes"), [(30, 6, 4), (12, 40, 3), (20, 8, 2)])
def test_it_equals_loops_over_pairs(n, d, classes):
    x, y = made(n, d, classes)
    assert parc(x, y) == pytest.approx(parc_by_loops(x, y))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99))
def test_units_of_dimensions_their_order_that_of_rows_and_class_numbers_change_nothing(seed):
    rng = np.random.default_rng(seed)
    x, y = made(30, 6, seed=seed)
    order = rng.permutation(30)
    value = parc(x, y)
    assert -1 <= value <= 1
    other = (x * rng.uniform(0.1, 9, 6) + rng.normal(size=6))[:, rng.permutation(6)]
    assert parc(other, y) == pytest.approx(value, abs=1e-9)
    assert parc(x[order], y[order]) == pytest.approx(value, abs=1e-9)
    assert parc(x, 7 - y) == pytest.approx(value, abs=1e-12)


def test_a_dimension_without_variation_changes_nothing():
    x, y = made(30, 4)
    assert parc(np.hstack([x, np.full((30, 9), 7.0)]), y) == pytest.approx(parc(x, y), abs=1e-9)


def test_equal_rows_are_at_no_distance_and_a_flat_row_at_one_from_all():
    x = np.array(
        [[1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [3.0, 0.0, 1.0], [5.0 / 3, 4.0 / 3, 1.0 / 3]]
    )  # the last is the mean
    distances = correlation_distances(x)
    assert distances[0, 1] == 0 and distances[3] == pytest.approx(np.ones(4), abs=1e-9)


def test_of_many_rows_a_sample_is_compared():
    x, y = made(400, 5)
    whole = score("parc", x, as_targets(y))
    assert score("parc", x, as_targets(y), rows=400) == whole == parc(x, y)
    sampled = [score("parc", x, as_targets(y), seed, rows=150) for seed in (0, 1, 0)]
    assert sampled[0] == sampled[2] != sampled[1] and sampled == pytest.approx([whole] * 3, abs=0.1)


def test_a_sample_takes_no_row_twice():
    x, y = made(6, 5, 2)
    without_one = [parc(np.delete(x, i, axis=0), np.delete(y, i)) for i in range(6)]
    for seed in range(6):
        assert np.isclose(score("parc", x, as_targets(y), seed, rows=5), without_one).any()


def test_nothing_to_see_is_zero():
    assert parc(np.full((5, 3), 2.0), np.array([0, 0, 1, 1, 1])) == 0
    assert parc(np.arange(5.0)[:, None], np.array([0, 0, 1, 1, 1])) == 0  # one dimension has no correlation across
    assert parc(np.ones((1, 3)), np.zeros(1, int)) == 0  # no pair
    assert parc(np.eye(5), np.arange(5)) == 0 and parc(np.eye(2), np.arange(2)) == 0
