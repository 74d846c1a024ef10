import numpy as np

from headstart.adaptation.adapters.subspace_alignment import Subspaces, subspaces
from headstart.core.learning import Fitted
from headstart.methods.linear import linear_outputs


def made(rng, width=6):
    source, target = rng.normal(size=(30, width)) * np.arange(1, width + 1), rng.normal(size=(25, width)) + 2
    return source, target, subspaces(source, target, 0.1)


def test_a_source_row_along_the_sources_direction_comes_to_lie_along_the_targets():
    one, other = np.array([[1.0], [0.0]]), np.array([[0.6], [0.8]])
    found = Subspaces(np.zeros(2), np.array([10.0, 10.0]), np.ones(2), one, other)
    # its length along the first axis, 5, times the cosine of the two directions, 0.6, along the second direction
    np.testing.assert_allclose(found(np.array([[5.0, 7.0]])), [[10 + 3 * 0.6, 10 + 3 * 0.8]], rtol=1e-6)


def test_the_map_is_the_product_of_the_papers_matrices():
    rng = np.random.default_rng(0)
    source, target, found = made(rng)
    scaled = (source - source.mean(axis=0)) / found.scale
    ours = np.linalg.svd(scaled, full_matrices=False)[2][:2].T
    theirs = np.linalg.svd((target - target.mean(axis=0)) / found.scale, full_matrices=False)[2][:2].T
    expected = scaled @ ours @ ours.T @ theirs @ theirs.T * found.scale + target.mean(axis=0)
    np.testing.assert_allclose(found(source), expected, rtol=1e-4, atol=1e-4)


def test_the_head_says_of_target_rows_what_it_says_of_them_in_the_targets_directions():
    rng = np.random.default_rng(1)
    _, target, found = made(rng)
    head = Fitted({"weight": rng.normal(size=(3, 6)), "bias": rng.normal(size=3)}, {"form": "linear"})
    flat = ((target - found.end) / found.scale) @ found.theirs @ found.theirs.T * found.scale + found.end
    np.testing.assert_allclose(linear_outputs(found.seeing_target(head), target), linear_outputs(head, flat), atol=1e-4)


def test_the_largest_directions_are_kept():
    _, _, found = made(np.random.default_rng(2))
    cut = found.cut(1)
    np.testing.assert_array_equal(cut.ours, found.ours[:, 1:])


def test_equal_domains_are_only_flattened():
    rows = np.random.default_rng(3).normal(size=(40, 5))
    found = subspaces(rows, rows, 0.8)  # all five directions
    np.testing.assert_allclose(found(rows), rows, atol=1e-5)
