from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.transferability.helpers_transferability import as_targets, made, rotation, score
from headstart.evaluation.transferability.nleep import NLEEP, NLEEPConfig, leading_components, leep


def leep_by_loops(given_rows, y):
    n, clusters = given_rows.shape
    total = 0.0
    for i in range(n):
        predicted = 0.0
        for z in range(clusters):
            joint = sum(given_rows[j, z] for j in range(n) if y[j] == y[i]) / n
            marginal = sum(given_rows[j, z] for j in range(n)) / n
            predicted += joint / marginal * given_rows[i, z]
        total += np.log(predicted) / n
    return total


def test_hard_clusters_by_hand():
    # the first cluster holds one row of each class, the second two of class 1: (log 1/2 + log 1/2 + log 1 + log 1) / 4
    assert leep(np.eye(2)[[0, 0, 1, 1]], np.array([0, 1, 1, 1])) == pytest.approx(np.log(0.5) / 2)


def test_soft_clusters_by_hand():
    # p(z | x) = (3/4, 1/4) and (1/4, 3/4) of classes 0 and 1: P(0 | z=0) = 3/4 and P(0 | z=1) = 1/4, so each row's
    # class gets 3/4 * 3/4 + 1/4 * 1/4 = 5/8
    assert leep(np.array([[0.75, 0.25], [0.25, 0.75]]), np.array([0, 1])) == pytest.approx(np.log(5 / 8))


def test_it_equals_loops():
    rng = np.random.default_rng(0)
    given_rows, y = rng.dirichlet(np.ones(4), size=20), np.arange(20) % 3
    assert leep(given_rows, y) == pytest.approx(leep_by_loops(given_rows, y))


def test_one_cluster_knows_the_shares_only_and_clusters_that_are_classes_know_all():
    y = np.array([0, 0, 0, 1])
    assert leep(np.ones((4, 1)), y) == pytest.approx(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert leep(np.eye(2)[y], y) == pytest.approx(0)
    assert score("nleep", np.full((4, 3), 2.0), as_targets(y)) == pytest.approx(leep(np.ones((4, 1)), y))


def test_as_many_components_are_kept_as_hold_the_share_of_the_variance():
    # orthogonal columns that sum to 0, with squares 16, 4 and 4: shares 2/3, 5/6 and 1 with those before
    columns = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 2
    x = columns * np.array([4.0, 2.0, 2.0])
    assert leading_components(x, 0.6, 99).shape == leading_components(x, 2 / 3, 99).shape == (4, 1)
    assert leading_components(x, 0.8, 99).shape == (4, 2)
    assert leading_components(x, 1.0, 99).shape == (4, 3) and leading_components(x, 1.0, 2).shape == (4, 2)


@pytest.mark.parametrize(("n", "d"), [(30, 5), (10, 25)])
def test_components_equal_a_singular_value_decomposition_up_to_signs(n, d):
    x, _ = made(n, d)
    left, sizes, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    rank = min(n - 1, d)
    assert np.abs(leading_components(x, 1.0, 99)) == pytest.approx(np.abs(left * sizes)[:, :rank], abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99), st.floats(1e-4, 1e4))
def test_rotating_shifting_scaling_and_other_class_numbers_change_nothing(seed, scale):
    x, y = made(90, 5, seed=seed)
    value = score("nleep", x, as_targets(y))
    assert value <= 0
    assert score("nleep", scale * (x + 3) @ rotation(5), as_targets(y)) == pytest.approx(value, rel=1e-4)
    assert score("nleep", x, as_targets((y + 1) % 3)) == pytest.approx(value, rel=1e-9)


def test_the_order_of_rows_matters_as_little_as_the_seed():
    x, y = made(300, 5, apart=3.0)
    order = np.random.default_rng(0).permutation(300)
    values = [score("nleep", x, as_targets(y), seed) for seed in range(5)]
    assert np.ptp([*values, score("nleep", x[order], as_targets(y[order]))]) < 0.1


@pytest.mark.parametrize(
    ("rows", "classes", "components"),
    [
        (23, 2, 4),
        (100, 2, 10),
        (24, 4, 4),
        (4, 4, 4),
    ],  # 23 // 5; 5 for each class; 24 // 5; one for each class at least
)
def test_components_by_hand(rows, classes, components):
    x, _ = made(rows, 5)
    found = NLEEP(NLEEPConfig()).responsibilities(x, classes, np.random.default_rng(0))
    assert found.shape == (rows, components)


def test_the_score_is_that_of_as_many_components_as_its_classes_get():
    x, y = made(100, 5, 2)
    given_rows = NLEEP(NLEEPConfig()).responsibilities(x, 2, np.random.default_rng(0))
    assert score("nleep", x, as_targets(y)) == pytest.approx(leep(given_rows, y))


def test_few_rows_get_few_clusters():
    # 20 rows of 2 classes: 10 clusters would have 2 rows each, 4 have 5; with a cluster for each row all is known
    x, y = made(20, 5, 2, apart=0.0)
    assert score("nleep", x, as_targets(y), rows_per_component=1, components_per_class=10) == pytest.approx(0, abs=1e-6)
    assert score("nleep", x, as_targets(y)) < -0.1
