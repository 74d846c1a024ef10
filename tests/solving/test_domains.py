"""Folds of whole domains, and what cannot be held out."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.solving.domains import MOST, SHARED, domain_folds, inseparable, sole_owners


def folds(domains, strata):
    return domain_folds(np.asarray(domains), np.asarray(strata), np.random.default_rng(0))


def test_each_domain_has_a_fold_of_its_own():
    assert folds([7, 7, 3, 3, 9, 9], [0, 1, 0, 1, 0, 1]).tolist() == [1, 1, 0, 0, 2, 2]


def test_a_domain_without_which_a_class_would_be_gone_is_learned_from_always():
    # class 2 is in domain 1 alone
    found = folds([0, 0, 1, 1, 1, 2, 2], [0, 1, 0, 1, 2, 0, 1])
    assert found.tolist() == [0, 0, NEVER_HELD_OUT, NEVER_HELD_OUT, NEVER_HELD_OUT, 1, 1]
    assert sole_owners(np.array([0, 0, 1, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 0, 1])).tolist() == [1]


def test_many_domains_share_folds_and_none_is_torn():
    domains = np.repeat(np.arange(MOST + 1), 4)
    found = folds(domains, np.tile([0, 1], 2 * (MOST + 1)))
    assert len(np.unique(found)) == SHARED
    assert all(len(np.unique(found[domains == each])) == 1 for each in range(MOST + 1))


def test_one_domain_is_held_out_from_nothing():
    with pytest.raises(DataError, match="at least two must be left to learn from; got 1"):
        folds([4, 4, 4], [0, 1, 0])


def test_a_class_for_each_domain_is_told_from_domains_that_own_some_class():
    assert "each class one domain" in inseparable(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    assert "2 of 2 domains have all examples" in inseparable(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 1]))
    with pytest.raises(DataError, match="each class one domain"):
        folds([0, 0, 1, 1], [0, 0, 1, 1])
