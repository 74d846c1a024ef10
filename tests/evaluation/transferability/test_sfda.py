from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh

from evaluation.transferability.helpers_transferability import as_targets, made, rotation, score
from headstart.evaluation.transferability.sfda import confidence_mix, fisher_log_posteriors, sfda_score


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax_of(row):
    return np.exp(row - row.max()) / np.exp(row - row.max()).sum()


def discriminant_by_projection(x, y, shrinkage=None):
    """The paper's: leading eigenvectors of the generalised eigenproblem, Gaussians of unit covariance after them."""
    n, d = x.shape
    classes = int(y.max()) + 1
    within, between = np.zeros((d, d)), np.zeros((d, d))
    for k in range(classes):
        mean = x[y == k].mean(axis=0)
        for row in x[y == k]:
            within += np.outer(row - mean, row - mean) / n
        between += (y == k).mean() * np.outer(mean - x.mean(axis=0), mean - x.mean(axis=0))
    if shrinkage is None:
        shrinkage = max(np.exp(-5 * np.linalg.eigvalsh(within)[-1]), 1e-10)
    within = (1 - shrinkage) * within + shrinkage * np.trace(within) / d * np.eye(d)
    axes = eigh(between, within)[1][:, ::-1][:, : classes - 1]
    probabilities = np.zeros((n, classes))
    for i in range(n):
        scores = np.zeros(classes)
        for k in range(classes):
            away = (x[i] - x[y == k].mean(axis=0)) @ axes
            scores[k] = np.log((y == k).mean()) - away @ away / 2
        probabilities[i] = softmax_of(scores)
    return probabilities, shrinkage


def sfda_by_loops(x, y):
    classes = int(y.max()) + 1
    probabilities, shrinkage = discriminant_by_projection(x, y)
    harder = np.zeros_like(x)
    for i in range(len(x)):
        kept = softmax_of(probabilities[i])[y[i]]
        others = np.mean([x[y == k].mean(axis=0) for k in range(classes) if k != y[i]], axis=0)
        harder[i] = kept * x[i] + (1 - kept) * others
    again, _ = discriminant_by_projection(harder, y, shrinkage)
    return np.mean([np.log(again[i, y[i]]) for i in range(len(x))])


def test_one_dimension_by_hand():
    # -3, -1 | 1, 3: class means -2 and 2, variance within classes 1 (one dimension: shrinking changes nothing).
    # The log odds of class 1 are 2 * 2 * x / 1 = 4 x; of two classes, p softened is sigmoid(2 p - 1).
    kept_1, kept_3 = sigmoid(2 * sigmoid(4) - 1), sigmoid(2 * sigmoid(12) - 1)  # 0.7239, 0.7311
    near, far = kept_1 * 1 - (1 - kept_1) * 2, kept_3 * 3 - (1 - kept_3) * 2  # 0.1718, 1.6553
    odds = 2 * ((near + far) / 2) / ((far - near) / 2) ** 2  # 2 * mean / variance = 3.3208
    expected = (np.log(sigmoid(odds * near)) + np.log(sigmoid(odds * far))) / 2
    assert expected == pytest.approx(-0.22607, abs=1e-4)
    value = sfda_score(np.array([[-3.0], [-1.0], [1.0], [3.0]]), np.array([0, 0, 1, 1]))
    assert value == pytest.approx(expected)


@pytest.mark.parametrize(("scale", "d"), [(0.2, 4), (1.0, 4), (0.1, 25)])
def test_it_equals_the_projection_on_the_discriminants_eigenvectors(scale, d):
    x, y = made(30, d, apart=0.7)
    assert sfda_score(scale * x, y) == pytest.approx(sfda_by_loops(scale * x, y), rel=1e-6)


def test_more_dimensions_than_rows_equal_the_projection_too():
    x, y = made(20, 35, apart=0.3)
    assert sfda_score(0.05 * x, y) == pytest.approx(sfda_by_loops(0.05 * x, y), rel=1e-6)


def test_the_shrinkage_falls_with_the_largest_eigenvalue_and_has_a_floor():
    x = np.array([[-1.0], [1.0], [-1.0], [1.0]])  # variance within each class 1
    y = np.array([0, 0, 1, 1])
    assert fisher_log_posteriors(x, y, 1, 5.0, 1e-10)[1] == pytest.approx(np.exp(-5))
    assert fisher_log_posteriors(100 * x, y, 1, 5.0, 1e-10)[1] == 1e-10


def test_probabilities_of_two_rows_of_a_kind_are_the_priors():
    # both classes have the mean 0, so the shares 2/6 and 4/6 decide
    x, y = np.array([[-1.0], [1.0], [-1.0], [1.0], [-1.0], [1.0]]), np.array([0, 0, 1, 1, 1, 1])
    assert np.exp(fisher_log_posteriors(x, y, 1, 5.0, 1e-10)[0]) == pytest.approx(np.tile([1 / 3, 2 / 3], (6, 1)))


def test_a_mixed_row_lies_between_itself_and_the_other_classes():
    # p = (1/2, 1/2) stays (1/2, 1/2) when softened; the other class's mean is 10
    mixed = confidence_mix(np.array([[0.0], [10.0]]), np.array([0, 1]), np.full((2, 2), 0.5))
    assert mixed == pytest.approx(np.array([[5.0], [5.0]]))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.sampled_from([4, 40]))
def test_rotating_shifting_and_reordering_change_nothing(seed, d):
    x, y = made(30, d, apart=0.5, seed=seed)
    x = x / np.sqrt(5 * d)  # so that the shrinkage counts
    order = np.random.default_rng(seed).permutation(30)
    value = sfda_score(x, y)
    assert value <= 0
    assert sfda_score((x + 3) @ rotation(d), y) == pytest.approx(value, rel=1e-6)
    assert sfda_score(x[order], y[order]) == pytest.approx(value, rel=1e-6)
    assert sfda_score(x, (y + 1) % 3) == pytest.approx(value, rel=1e-6)


def test_far_from_zero_nothing_is_lost():
    x, y = made(30, 4, apart=0.5)
    far = x + 1e6 * np.array([1.0, -1.0, 2.0, 0.0])
    assert sfda_score(far, y) == pytest.approx(sfda_score(x, y), rel=1e-6)


def test_a_dimension_without_variation_changes_nothing():
    x, y = made(30, 4, apart=0.5)
    assert sfda_score(np.hstack([x, np.full((30, 9), 7.0)]), y) == pytest.approx(sfda_score(x, y))


def test_features_that_are_all_the_same_leave_the_shares_of_the_classes():
    value = score("sfda", np.full((4, 3), 2.0), as_targets([0, 0, 0, 1]))
    assert value == pytest.approx(0.75 * np.log(0.75) + 0.25 * np.log(0.25))


def test_both_settings_reach_the_discriminant():
    x, y = made(60, 5, apart=0.5)
    for strength, least in ((0.5, 0.01), (5.0, 0.6)):
        value = score("sfda", x, as_targets(y), strength=strength, least_shrinkage=least)
        assert value == pytest.approx(sfda_score(x, y, strength, least)) != pytest.approx(sfda_score(x, y))


def test_with_more_dimensions_than_rows_little_shrinkage_tells_any_labels_apart_and_much_does_not():
    x, y = made(120, 400, apart=0.15)
    shuffled = np.random.default_rng(0).permutation(y)
    assert sfda_score(x, shuffled) == pytest.approx(0, abs=1e-9)
    assert sfda_score(x, y, least_shrinkage=0.9) > sfda_score(x, shuffled, least_shrinkage=0.9) + 0.01


def test_classes_that_are_points_are_told_apart():
    x = np.repeat([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], 5, axis=0)
    assert score("sfda", x, as_targets(np.repeat([0, 1, 2], 5))) == pytest.approx(0)


def test_more_dimensions_than_rows_that_hardly_vary_leave_the_shares_of_the_classes():
    x = np.random.default_rng(0).standard_normal((4, 6)) * 1e-200
    assert sfda_score(x, np.array([0, 0, 0, 1])) == pytest.approx(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
