from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.learning import Targets
from headstart.evaluation.parting import numbered, parted, strata_of


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=10, max_size=60), st.integers(0, 99))
def test_each_class_and_the_whole_are_spread_evenly(values, seed):
    folds = parted(np.array(values), None, 5, np.random.default_rng(seed))
    for rows in (np.ones(len(values), bool), *(np.array(values) == c for c in set(values))):
        counts = np.bincount(folds[rows], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_groups_stay_together_and_sizes_are_near():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, 400)
    folds = parted(rng.integers(0, 3, 400), groups, 5, rng)
    assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))
    assert np.bincount(folds).min() > 60


def test_fold_numbers_as_groups_come_back_as_the_same_folds():
    rng = np.random.default_rng(1)
    given_folds = rng.integers(0, 5, 200)
    folds = parted(rng.integers(0, 4, 200), given_folds, 5, rng)
    assert len(set(zip(given_folds, folds, strict=True))) == 5 and set(folds) == set(range(5))


def test_with_two_groups_there_are_two_folds():
    folds = parted(np.array([0, 1] * 10), np.array(["a", "b"] * 10), 5, np.random.default_rng(0))
    assert set(folds) == {0, 1}


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_group_is_placed_first_so_folds_can_be_equal(seed):
    groups = np.repeat(np.arange(6), [1, 1, 1, 1, 1, 5])
    folds = parted(np.zeros(10, int), groups, 2, np.random.default_rng(seed))
    assert np.bincount(folds).tolist() == [5, 5]


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_class_is_spread_before_a_frequent_one(seed):
    # Groups of 7 + 0, 3 + 3 and 1 + 1 rows of two classes. The third finds 7/11 of the first class in one fold, 3/11
    # of it and 3/4 of the second in the other: it joins the 7, although those are more rows.
    strata = np.repeat([0, 0, 1, 0, 1], [7, 3, 3, 1, 1])
    groups = np.repeat(["a", "b", "c"], [7, 6, 2])
    folds = parted(strata, groups, 2, np.random.default_rng(seed))
    assert len(set(folds[groups != "b"])) == 1 and not set(folds[groups != "b"]) & set(folds[groups == "b"])


def test_none_is_a_row_alone():
    groups = np.array([None, "a", None, "a"], dtype=object)
    assert numbered(groups).tolist() == [0, 1, 2, 1]


def test_the_rarest_label_of_a_row_is_spread():
    values = np.zeros((100, 3))
    values[:, 0] = 1
    values[:10, 2] = 1  # the rare one, never alone
    folds = parted(strata_of(Targets(values, "multilabel", 3)), None, 5, np.random.default_rng(2))
    assert np.bincount(folds[:10], minlength=5).tolist() == [2] * 5


def test_numbers_have_no_strata_and_classes_are_their_own():
    none = strata_of(Targets(np.array([0.5, 1.5]), "real", 1))
    assert none.tolist() == [0, 0] and none.dtype == np.int64
    assert strata_of(Targets(np.array([2, 0]), "ordinal", 3)).tolist() == [2, 0]


def test_the_generator_decides_alone():
    targets = np.array([0, 1, 2] * 20)
    first, again, other = (parted(targets, None, 5, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
