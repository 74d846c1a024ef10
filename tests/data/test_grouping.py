from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.data.grouping import DisjointSets, join_groups


def slow_groups(n, pairs):
    """Spread the smallest row along the pairs until nothing changes."""
    label = list(range(n))
    while True:
        before = list(label)
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
        if label == before:
            return label


@settings(max_examples=100)
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_sets_are_the_connected_components(case):
    n, pairs = case
    sets = DisjointSets(n)
    for a, b in pairs:
        sets.union(a, b)
    assert sets.roots().tolist() == slow_groups(n, pairs)


def test_groupings_chain():
    # row 0 and 1 share "x", 1 and 2 share 7, 3 is alone, 4 has no group at all
    joined = join_groups(np.array(["x", "x", "y", "z", None], dtype=object), np.array([1, 7, 7, 8, 9]))
    assert joined.tolist() == [0, 0, 0, 1, 2]


def test_joining_one_grouping_renumbers_it():
    assert join_groups(np.array([5, 3, 5])).tolist() == [0, 1, 0]


def test_no_rows_have_no_groups():
    assert join_groups(np.zeros(0, int)).tolist() == []
