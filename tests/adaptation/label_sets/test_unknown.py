"""Rows of which less is known: told apart where two kinds are plain to see."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.label_sets.unknown import two_kinds, unknown_rows


def test_two_kinds_are_found_where_they_were_drawn():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(2, 0.5, 60), rng.normal(6, 1.0, 180)])
    found = two_kinds(values)
    assert abs(found.shares[0] - 0.25) < 0.05 and np.allclose(found.means, [2, 6], atol=0.4) and found.better > 10
    told = unknown_rows(values, np.zeros(0))
    assert told.seen and told.flags[:60].mean() > 0.9 and told.flags[60:].mean() < 0.05


def test_one_kind_has_few_unknown_rows():
    for seed in range(10):
        values = np.random.default_rng(seed).normal(5, 1, 200)
        told = unknown_rows(values, values + 1)
        assert not told.seen and told.flags.mean() <= 0.05


def test_a_majority_that_is_little_known_is_not_called_unknown():
    rng = np.random.default_rng(0)
    told = unknown_rows(np.concatenate([rng.normal(2, 0.5, 180), rng.normal(6, 0.5, 60)]), np.full(50, 6.0))
    assert not told.seen and told.flags.mean() <= 0.05


def test_equal_and_few_values_are_all_known():
    assert not unknown_rows(np.ones(50), np.ones(50)).flags.any()
    assert unknown_rows(np.arange(12.0), np.zeros(0)).flags.sum() <= 1
