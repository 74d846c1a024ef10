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


@pytest.mark.parametrize("seed", range(4))
def test_it_stops_at_the_first_gain_below_the_tolerance_per_dimension(seed):
    x, _ = made(60, 3, apart=0.5, seed=seed)
    _, trace = fit_responsibilities(x, 3, np.random.default_rng(seed), 200, 1e-3, 1e-2)
    *before, last = np.diff(trace)
    assert len(before) > 0 and min(before) >= 3e-3 > last


def test_one_component_is_fitted_after_one_step():
    x, _ = made(20, 2)
    assert len(fit_responsibilities(x, 1, np.random.default_rng(0), 50, 1e-6, 1e-2)[1]) == 2


@pytest.mark.parametrize(("scale", "shift"), [(100.0, 0.0), (0.01, 0.0), (1.0, np.array([50.0, -50.0]))])
def test_where_components_are_points_units_and_zeros_of_dimensions_do_not_matter(scale, shift):
    # 5 equal rows in each corner: all variances are at their least, a share of the mean one
    x = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 5, axis=0)
    given_rows, trace = fit_responsibilities(x, 3, np.random.default_rng(0), 9, 1e-9, 1e-2)
    again, moved = fit_responsibilities(scale * x + shift, 3, np.random.default_rng(0), 9, 1e-9, 1e-2)
    assert again == pytest.approx(given_rows) and moved == pytest.approx([t - 2 * np.log(scale) for t in trace])
    variance = 1e-2 * 2 / 9  # of the coordinates 0, 0, 1
    assert trace[-1] == pytest.approx(np.log(1 / 3) - np.log(2 * np.pi * variance))


def test_a_component_may_lose_all_its_rows():
    x = np.array([[0.0], [1.0], [5.0]])
    weights, means, variances = maximized(x, np.array([[1.0, 0.0]] * 3), 1e-3)
    given_rows, density = expected(x, weights, means, variances)
    assert weights == pytest.approx([1, 0]) and weights[1] > 0
    assert given_rows == pytest.approx(np.array([[1.0, 0.0]] * 3)) and np.isfinite(density)


def test_clusters_far_apart_are_found():
    x, y = made(90, 4, 3, apart=30.0)
    given_rows, _ = fit_responsibilities(x, 3, np.random.default_rng(0), 50, 1e-6, 1e-3)
    assert {tuple(np.unique(given_rows.argmax(axis=1)[y == k])) for k in range(3)} == {(0,), (1,), (2,)}


def test_drawn_rows_differ_and_end_where_no_other_is_left():
    x = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    assert sorted(far_apart(x, 10, np.random.default_rng(0)).ravel()) == [0, 1, 5]


def test_far_rows_are_drawn_in_proportion_to_their_squared_distance():
    drawn = [far_apart(np.array([[0.0], [1.0], [3.0]]), 2, np.random.default_rng(seed)).ravel() for seed in range(600)]
    after_zero = np.array([second for first, second in drawn if first == 0])
    assert len(after_zero) > 150 and (after_zero == 3).mean() == pytest.approx(9 / 10, abs=0.07)  # 4 standard errors


def test_distances_equal_loops():
    rng = np.random.default_rng(0)
    x, centers = rng.normal(size=(5, 3)), rng.normal(size=(2, 3))
    slow = [[((row - center) ** 2).sum() for center in centers] for row in x]
    assert squared_distances(x, centers) == pytest.approx(np.array(slow))
