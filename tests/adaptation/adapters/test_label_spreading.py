import numpy as np
import pytest

from headstart.adaptation.adapters.label_spreading import class_masses, graph, spread, standardised
from headstart.methods.knn import nearest, unit_rows


def slow_graph(points, k):
    n = len(points)
    squared = np.array([[2 - 2 * float(a @ b) for b in points] for a in points]).clip(0)
    near = [sorted((j for j in range(n) if j != i), key=lambda j, i=i: squared[i, j])[:k] for i in range(n)]
    own = [np.sqrt(max(squared[i, j] for j in near[i])) for i in range(n)]
    weights = np.zeros((n, n))
    for i in range(n):
        for j in near[i]:
            weights[i, j] = weights[j, i] = np.exp(-squared[i, j] / (own[i] * own[j]))
    degree = weights.sum(axis=1)
    return weights / np.sqrt(degree[:, None] * degree)


def test_the_graph_is_that_of_loops_over_all_pairs():
    points = unit_rows(np.random.default_rng(0).normal(size=(15, 4)))
    found = graph(*nearest(points, points, 15), 3)
    np.testing.assert_allclose(found.toarray(), slow_graph(points.astype(float), 3), atol=1e-5)


def test_labels_reach_the_solution_of_the_linear_system():
    rng = np.random.default_rng(1)
    points = unit_rows(rng.normal(size=(20, 4)))
    similarities = graph(*nearest(points, points, 20), 4)
    start = class_masses(np.array([0, 1, 0, 1, 1]), 2, 20)
    exact = np.linalg.solve(np.eye(20) - 0.5 * similarities.toarray(), 0.5 * start)
    exact = exact / exact.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(spread(similarities, start, 0.5), exact, atol=1e-6)


def test_each_class_begins_with_one_in_all():
    np.testing.assert_allclose(
        class_masses(np.array([0, 0, 1]), 3, 4), [[0.5, 0, 0], [0.5, 0, 0], [0, 1, 0], [0, 0, 0]]
    )


def test_a_row_that_no_label_reaches_has_equal_shares():
    from scipy.sparse import csr_array

    found = spread(csr_array(np.zeros((2, 2))), np.array([[1.0, 0.0], [0.0, 0.0]]), 0.8)
    np.testing.assert_allclose(found, [[1.0, 0.0], [0.5, 0.5]])


def test_two_rows_share_their_neighbour_with_equal_weight():
    # 0 and 2 are each 1 - cos = 0.5 from 1, in opposite directions: each edge weighs exp(-1), degrees 1, 2 and 1
    angle = np.arccos(0.5)
    points = np.array([[np.cos(t), np.sin(t)] for t in (-angle, 0.0, angle)], np.float32)
    found = graph(*nearest(points, points, 3), 1).toarray()
    np.testing.assert_allclose(found[1, [0, 2]], [1 / np.sqrt(2)] * 2, atol=1e-5)
    assert found[0, 2] == 0


def test_equal_rows_are_finite():
    points = np.tile(np.array([[1.0, 0.0]], np.float32), (6, 1))
    found = graph(*nearest(points, points, 5), 4)
    assert np.isfinite(found.toarray()).all()


def test_each_domain_has_its_own_moments():
    assert standardised(np.array([[1.0], [3.0]])).ravel().tolist() == pytest.approx([-1.0, 1.0])
