import numpy as np
import pytest

from headstart.adaptation.adapters.coral import alignment, monge_map, powered
from headstart.core.errors import DataError


def spd(rng, size):
    rows = rng.normal(size=(3 * size, size))
    return rows.T @ rows / (3 * size)


def test_a_spread_of_1_becomes_one_of_3_by_tripling():
    np.testing.assert_allclose(monge_map(np.array([[1.0]]), np.array([[9.0]])), [[3.0]])


def test_the_map_gives_rows_the_other_covariance_and_is_symmetric_without_turning_rows_about():
    rng = np.random.default_rng(0)
    here, there = spd(rng, 5), spd(rng, 5)
    found = monge_map(here, there)
    np.testing.assert_allclose(found @ here @ found, there, atol=1e-10)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.linalg.eigvalsh(found).min() > 0
    # the paper's own map gives the same covariance and moves rows more: E|x - Ax|^2 = tr((A - I) C (A - I)^T)
    papers = powered(there, 0.5) @ powered(here, -0.5)
    np.testing.assert_allclose(papers @ here @ papers.T, there, atol=1e-10)
    moved = [np.trace((each - np.eye(5)) @ here @ (each - np.eye(5)).T) for each in (found, papers)]
    assert moved[0] < moved[1]


def test_the_same_covariance_moves_nothing():
    here = spd(np.random.default_rng(1), 4)
    np.testing.assert_allclose(monge_map(here, here), np.eye(4), atol=1e-10)


def test_a_power_is_that_of_the_eigenvalues():
    np.testing.assert_allclose(powered(np.diag([4.0, 0.0]), -0.5), np.diag([0.5, 0.0]))


def slow_alignment(source, target, count, shrinkage):
    """Every step on whole D x D matrices."""
    start, end = source.mean(axis=0), target.mean(axis=0)
    scale = source.std(axis=0)
    scale = np.maximum(scale, 0.1 * np.median(scale))
    ours, theirs = (source - start) / scale, (target - end) / scale
    pooled = ours.T @ ours / len(ours) + theirs.T @ theirs / len(theirs)
    basis = np.linalg.eigh(pooled)[1][:, -count:]
    here, there = (
        (1 - shrinkage) * basis.T @ np.cov(each.T, bias=True) @ basis + shrinkage * np.eye(count)
        for each in (ours, theirs)
    )
    whole = np.eye(source.shape[1]) + basis @ (monge_map(here, there) - np.eye(count)) @ basis.T
    return lambda rows: ((rows - start) / scale) @ whole * scale + end


@pytest.mark.parametrize("width", [6, 90])  # fewer and more columns than rows
def test_it_is_what_whole_matrices_give(width):
    rng = np.random.default_rng(2)
    source = rng.normal(size=(40, width)) @ rng.normal(size=(width, width))
    target = rng.normal(size=(30, width)) @ rng.normal(size=(width, width)) + 1
    found, slow = alignment(source, target, 0.1, 0.2), slow_alignment(source, target, 3, 0.2)
    assert found.basis.shape == (width, 3)
    np.testing.assert_allclose(found(source), slow(source), rtol=1e-3, atol=1e-3)


def test_with_all_directions_and_no_shrinkage_rows_get_mean_and_covariance_of_the_target():
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(200, 4)) * [1, 2, 3, 4], rng.normal(size=(150, 4)) @ rng.normal(size=(4, 4)) + 5
    moved = alignment(source, target, 1.0, 0.0)(source)
    np.testing.assert_allclose(moved.mean(axis=0), target.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(np.cov(moved.T), np.cov(target.T) * 149 / 150 * 200 / 199, rtol=1e-3, atol=1e-3)


def test_five_rows_are_too_few():
    rows = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(DataError, match="at least 10 examples of the target domain, and there are 5"):
        alignment(rows, rows[:5], 0.1, 0.1)
