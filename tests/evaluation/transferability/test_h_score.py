from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf

from evaluation.transferability.helpers_transferability import as_targets, made, rotation, score
from headstart.evaluation.transferability.h_score import ledoit_wolf_shrinkage, regularized_h_score
from headstart.evaluation.transferability.spectrum import principal_coordinates


def shrinkage_by_loops(x):
    """Ledoit and Wolf's definition, matrix by matrix."""
    n, d = x.shape
    x = x - x.mean(axis=0)
    covariance = sum(np.outer(row, row) for row in x) / n
    mean_variance = np.trace(covariance) / d
    noise = sum(((np.outer(row, row) - covariance) ** 2).sum() for row in x) / n**2
    from_identity = ((covariance - mean_variance * np.eye(d)) ** 2).sum()
    return min(noise, from_identity) / from_identity, covariance, mean_variance


def h_score_by_loops(x, y):
    alpha, covariance, mean_variance = shrinkage_by_loops(x)
    shrunk = (1 - alpha) * covariance + alpha * mean_variance * np.eye(x.shape[1])
    each = np.array([x[y == k].mean(axis=0) for k in y]) - x.mean(axis=0)
    between = sum(np.outer(row, row) for row in each) / len(x)
    return np.trace(np.linalg.inv(shrunk) @ ((1 - alpha) * between))


def test_one_dimension_by_hand():
    # -3, -1 | 1, 3: variance (9 + 1 + 1 + 9)/4 = 5, class means -2 and 2 have the variance 4; one dimension is not
    # shrunk, as its covariance is the identity's multiple already
    assert regularized_h_score(np.array([[-3.0], [-1.0], [1.0], [3.0]]), np.array([0, 0, 1, 1])) == pytest.approx(0.8)


def test_two_dimensions_by_hand():
    # Rows (2, 0), (0, 1), (0, -1), (-2, 0), classes 0, 0, 1, 1. The covariance is diag(2, 1/2), its mean variance 5/4
    # and ||S - 5/4 I||^2 = 9/8. Mean ||x||^4 = (16 + 1 + 1 + 16)/4 = 17/2, ||S||^2 = 17/4: noise (17/2 - 17/4)/4
    # = 17/16, so alpha = (17/16)/(9/8) = 17/18. Shrunk: 1/18 * (2, 1/2) + 17/18 * 5/4 = (93/72, 87/72). Class means
    # (1, 1/2) and (-1, -1/2) have the variances 1 and 1/4: the score is 1/18 (72/93 + 18/87).
    x = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [-2.0, 0.0]])
    assert regularized_h_score(x, np.array([0, 0, 1, 1])) == pytest.approx((72 / 93 + 18 / 87) / 18)


@pytest.mark.parametrize(("n", "d"), [(40, 5), (12, 30)])
def test_it_equals_explicit_matrices(n, d):
    x, y = made(n, d)
    assert regularized_h_score(x, y) == pytest.approx(h_score_by_loops(x, y))


@pytest.mark.parametrize(("n", "d"), [(50, 4), (10, 40)])
def test_the_shrinkage_is_ledoit_and_wolfs(n, d):
    x, _ = made(n, d)
    coordinates, squares = principal_coordinates(x - x.mean(axis=0))
    value = ledoit_wolf_shrinkage(coordinates, squares / n, d)
    assert value == pytest.approx(shrinkage_by_loops(x)[0])
    assert value == pytest.approx(ledoit_wolf(x)[1])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.floats(1e-4, 1e4), st.sampled_from([4, 50]))
def test_rotating_shifting_scaling_and_reordering_change_nothing(seed, scale, d):
    x, y = made(30, d, seed=seed)
    order = np.random.default_rng(seed).permutation(30)
    value = regularized_h_score(x, y)
    assert 0 <= value <= 2
    assert regularized_h_score(scale * (x + 3) @ rotation(d), y) == pytest.approx(value, rel=1e-6)
    assert regularized_h_score(x[order], y[order]) == pytest.approx(value, rel=1e-6)
    assert regularized_h_score(x, (y + 1) % 3) == pytest.approx(value, rel=1e-9)


def test_a_dimension_without_variation_changes_nothing():
    x, y = made(30, 4)
    assert regularized_h_score(np.hstack([x, np.full((30, 9), 7.0)]), y) == pytest.approx(regularized_h_score(x, y))


def test_with_more_dimensions_than_rows_any_labels_would_get_all_of_the_plain_score_but_not_of_this():
    x, y = made(20, 60, apart=0.0)
    centred = x - x.mean(axis=0)
    each = np.array([centred[y == k].mean(axis=0) for k in y])
    assert np.trace(np.linalg.pinv(centred.T @ centred) @ (each.T @ each)) == pytest.approx(2)  # C - 1
    assert regularized_h_score(x, y) < 1.5


def test_features_that_are_all_the_same_get_nothing():
    assert score("h_score", np.full((10, 3), 2.0), as_targets(np.arange(10) % 2)) == 0
