import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.adaptation.shift.separation import dense, told_apart, weighted_auc


def slow_auc(source, target, weights):
    total = 0.0
    for t in target:
        for s, w in zip(source, weights, strict=True):
            total += w * ((t > s) + 0.5 * (t == s))
    return total / (len(target) * weights.sum())


def test_the_weighted_area_is_that_of_all_pairs():
    rng = np.random.default_rng(0)
    source, target, weights = rng.integers(0, 5, 20) * 1.0, rng.integers(0, 5, 15) * 1.0, rng.random(20)
    assert weighted_auc(source, target, weights) == pytest.approx(slow_auc(source, target, weights))


def test_one_domain_cannot_be_told_from_itself_and_a_moved_one_can():
    rng = np.random.default_rng(0)
    source, same = rng.normal(size=(150, 6)), rng.normal(size=(120, 6))
    alone = np.arange(150)
    assert not told_apart(source, same, alone, None, rng).is_told_apart
    moved = told_apart(source, same + np.array([2.0, 0, 0, 0, 0, 0]), alone, None, rng)
    assert moved.is_told_apart and moved.auc > 0.85
    assert moved.source.shape == (150,) and moved.target.mean() > moved.source.mean()


def test_other_shares_of_two_clusters_are_told_apart_until_rows_weigh_as_often_as_they_come():
    rng = np.random.default_rng(1)
    classes = np.array([0] * 160 + [1] * 40)
    source = rng.normal(size=(200, 4)) + 4.0 * classes[:, None]
    target = rng.normal(size=(200, 4)) + 4.0 * np.array([0] * 40 + [1] * 160)[:, None]
    assert told_apart(source, target, np.arange(200), None, rng).auc > 0.7
    weights = np.where(classes == 1, 4.0, 0.25)
    even = told_apart(source, target, np.arange(200), weights, rng)
    assert even.low < 0.5 < even.high + 0.02 and even.auc < 0.56


def test_copies_of_a_row_are_held_out_together_so_that_they_tell_nothing():
    rng = np.random.default_rng(2)
    few = rng.normal(size=(10, 30))
    source = np.repeat(few, 10, axis=0)
    found = told_apart(source, rng.normal(size=(100, 30)), np.repeat(np.arange(10), 10), None, rng)
    assert found.low < 0.75  # with the copies on both sides the classifier knows them all


def test_gaps_and_counts_of_words_become_arrays():
    ours, theirs = dense(np.array([[1.0, np.nan], [3.0, 5.0]]), np.array([[np.nan, 7.0]]))
    assert ours.tolist() == [[1.0, 5.0], [3.0, 5.0]] and theirs.tolist() == [[2.0, 7.0]]
    rng = np.random.default_rng(0)
    ours, theirs = dense(csr_array(rng.random((8, 5))), csr_array(rng.random((4, 5))))
    assert ours.shape == (8, 4) and theirs.shape == (4, 4)
