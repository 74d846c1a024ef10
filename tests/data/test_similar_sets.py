from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.data import similar_sets
from headstart.data.grouping import DisjointSets
from headstart.data.similar_sets import unite_similar


def united(dense, bound):
    """Groups of sets given as an ``(N, E)`` array of weights, 0 where an element is not in a set."""
    rarest_first = np.argsort((dense > 0).sum(axis=0), kind="stable")
    sets = DisjointSets(len(dense))
    unite_similar(sparse.csr_array(np.sqrt(dense[:, rarest_first])), bound, sets)
    return sets.roots().tolist()


def slow(dense, bound):
    label = list(range(len(dense)))
    for i in range(len(dense)):
        for j in range(i):
            if np.minimum(dense[i], dense[j]).sum() >= bound * np.maximum(dense[i], dense[j]).sum() - 1e-9:
                old, new = max(label[i], label[j]), min(label[i], label[j])
                label = [new if value == old else value for value in label]
    return label


def test_two_of_three_shared_are_a_half_and_half_is_enough_for_half():
    # {1, 2, 3} and {2, 3, 4} share 2 of 4 elements; {5} shares none
    dense = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 1.0]])
    assert united(dense, 0.5) == [0, 0, 2] and united(dense, 0.51) == [0, 1, 2]


def test_weights_decide():
    dense = np.array([[8, 1, 0], [8, 0, 1.0]])  # 8 of 10
    assert united(dense, 0.8) == [0, 0] and united(dense, 0.81) == [0, 1]


@pytest.mark.parametrize("bound", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("chunk", [1, 1 << 16])
def test_groups_are_those_of_all_pairs(monkeypatch, bound, chunk):
    monkeypatch.setattr(similar_sets, "CHUNK", chunk)
    rng = np.random.default_rng(int(10 * bound))
    weights = rng.uniform(0.1, 3, 25)
    for _ in range(20):
        originals = rng.random((6, 25)) < rng.uniform(0.1, 0.9)
        dense = (originals[rng.integers(0, 6, 30)] ^ (rng.random((30, 25)) < 0.04)) * weights
        dense[:, 0] = weights[0]  # no set is empty
        assert united(dense, bound) == slow(dense, bound)


def test_many_equal_sets_cost_little():
    assert united(np.ones((3000, 4)), 0.9) == [0] * 3000
