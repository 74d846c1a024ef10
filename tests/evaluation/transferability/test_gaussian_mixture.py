from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.transferability.helpers_transferability import made
from headstart.evaluation.transferability.gaussian_mixture import (
    expected,
    far_apart,
    fit_responsibilities,
    maximized,
    squared_distances,
)


def test_a_maximising_step_by_hand():
    # rows 0, 2, 6 given (1, 0), (1/2, 1/2), (0, 1): counts 3/2 and 3/2, means (0 + 1)/1.5 = 2/3 and (1 + 6)/1.5 = 14/3,
    # variances 2/1.5 - 4/9 = 8/9 and (2 + 36)/1.5 - 196/9 = 32/9
    weights, means, variances = maximized(np.array([[0.0], [2.0], [6.0]]), np.array([[1, 0], [0.5, 0.5], [0, 1]]), 1e-9)
    assert weights == pytest.approx([0.5, 0.5]) and means.ravel() == pytest.approx([2 / 3, 14 / 3])
    assert variances.ravel() == pytest.approx([8 / 9, 32 / 9])


def test_an_expecting_step_by_hand():
    # at 0, densities of N(0, 1) and N(2, 1) are as 1 to exp(-2); weights 1/2 each
    given_rows, density = expected(np.array([[0.0]]), np.array([0.5, 0.5]), np.array([[0.0], [2.0]]), np.ones((2, 1)))
    assert given_rows[0, 0] == pytest.approx(1 / (1 + np.exp(-2)))
    assert density == pytest.approx(np.log((1 + np.exp(-2)) / 2 / np.sqrt(2 * np.pi)))


def test_both_steps_equal_loops():
    rng = np.random.default_rng(0)
    x, given_rows = rng.normal(size=(9, 3)), rng.dirichlet(np.ones(4), size=9)
    weights, means, variances = maximized(x, given_rows, 1e-9)
    posterior, density = expected(x, weights, means, variances)
    total = 0.0
    for n in range(9):
        joint = []
        for m in range(4):
            value = given_rows[:, m].sum() / 9
            for j in range(3):
                mean = sum(given_rows[i, m] * x[i, j] for i in range(9)) / given_rows[:, m].sum()
                variance = sum(given_rows[i, m] * (x[i, j] - mean) ** 2 for i in range(9)) / given_rows[:, m].sum()
                value *= np.exp(-((x[n, j] - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
            joint.append(value)
        assert posterior[n] == pytest.approx(np.array(joint) / sum(joint))
        total += np.log(sum(joint)) / 9
    assert density == pytest.approx(total)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.integers(1, 8))
def test_the_density_never_falls(seed, components):
    x, _ = made(60, 3, seed=seed)
    given_rows, trace = fit_responsibilities(x, components, np.random.default_rng(seed), 30, 1e-12, 1e-2)
    assert (np.diff(trace) > -1e-9).all()
    assert given_rows.sum(axis=1) == pytest.approx(np.ones(60)) and given_rows.shape == (60, components)


def test_clusters_far_apart_are_found():
    x, y = made(90, 4, 3, apart=30.0)
    given_rows, _ = fit_responsibilities(x, 3, np.random.default_rng(0), 50, 1e-6, 1e-3)
    assert {tuple(np.unique(given_rows.argmax(axis=1)[y == k])) for k in range(3)} == {(0,), (1,), (2,)}


def test_drawn_rows_differ_and_end_where_no_other_is_left():
    x = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    assert sorted(far_apart(x, 10, np.random.default_rng(0)).ravel()) == [0, 1, 5]


def test_distances_equal_loops():
    rng = np.random.default_rng(0)
    x, centers = rng.normal(size=(5, 3)), rng.normal(size=(2, 3))
    slow = [[((row - center) ** 2).sum() for center in centers] for row in x]
    assert squared_distances(x, centers) == pytest.approx(np.array(slow))
