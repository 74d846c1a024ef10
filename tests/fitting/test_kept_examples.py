"""Which training examples travel in a bundle."""

from __future__ import annotations

import numpy as np

from headstart.fitting.kept_examples import evenly_drawn


def test_a_rare_class_gives_all_it_has_before_a_common_one_gives_more():
    strata = np.array([0] * 50 + [1] * 2 + [2] * 50)
    rows = evenly_drawn(strata, 8, np.random.default_rng(0))
    assert np.bincount(strata[rows]).tolist() == [3, 2, 3]  # turns: 3 + 3, then 2 of classes that have a third
    assert rows.tolist() == sorted(set(rows.tolist()))


def test_fewer_rows_than_may_be_kept_are_all_kept():
    assert evenly_drawn(np.array([1, 0, 1]), 200, np.random.default_rng(0)).tolist() == [0, 1, 2]
