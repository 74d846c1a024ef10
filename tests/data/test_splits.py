from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import ConfigError, DataError, LeakError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.data.splits import NOT_DEALT, folds, require_groups_apart, train_test


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_fifth_of_each_class_goes_to_test():
    targets = np.array(["a"] * 50 + ["b"] * 20 + ["c"] * 5, dtype=object)
    train, test = train_test(targets, None, 0.2, rng())
    assert Counter(targets[test]) == {"a": 10, "b": 4, "c": 1}
    assert sorted([*train, *test]) == list(range(75))


def test_remainders_go_to_the_classes_with_the_largest():
    # 20 % of 8, 8, 4: 1.6, 1.6, 0.8 -> 4 in all; whole parts 1, 1, 0, and the three remainders .6, .6, .8: two more.
    targets = np.repeat([0, 1, 2], [8, 8, 4])
    for seed in range(10):
        counts = np.bincount(targets[train_test(targets, None, 0.2, rng(seed))[1]], minlength=3)
        assert counts.sum() == 4 and counts[2] == 1 and counts.min() >= 1


def test_a_class_with_one_example_stays_in_train():
    targets = np.array(["once"] + ["often"] * 9)
    for seed in range(20):
        assert 0 in train_test(targets, None, 0.3, rng(seed))[0]


def test_the_generator_alone_decides():
    targets = np.repeat(np.arange(4), 25)
    first, again, other = (train_test(targets, None, 0.2, rng(seed))[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_every_row_has_the_same_chance():
    targets = np.repeat([0, 1], [10, 30])
    drawn = np.zeros(40)
    for seed in range(400):
        drawn[train_test(targets, None, 0.25, rng(seed))[1]] += 1
    # 400 draws at 0.25 (2 or 3 of 10; 7 or 8 of 30): expected 100, standard deviation 8.7
    assert drawn.min() > 60 and drawn.max() < 140


def test_groups_stay_on_one_side_near_the_fraction():
    groups = rng(1).integers(0, 120, 600)
    targets = rng(2).integers(0, 4, 600)
    train, test = train_test(targets, groups, 0.2, rng())
    assert not set(groups[train]) & set(groups[test])
    assert len(test) == pytest.approx(120, abs=12)
    assert np.bincount(targets[test], minlength=4) == pytest.approx(np.bincount(targets) * 0.2, abs=8)


@pytest.mark.parametrize("alone", [180, 40])
def test_rows_with_company_are_as_often_in_test_as_the_others(alone):
    # 20 pairs beside rows that are alone. Met before the others, the pairs would fill the whole test part.
    groups = np.concatenate([np.repeat(np.arange(20), 2), np.arange(100, 100 + alone)])
    targets = np.tile([0, 1], len(groups) // 2)
    drawn = np.zeros(len(groups))
    for seed in range(200):
        drawn[train_test(targets, groups, 0.2, rng(seed))[1]] += 1
    # a pair in a hundredth of the draws more or less is 2 of 200; the standard error of the mean of 20 pairs is 1.3
    assert drawn[:40].mean() == pytest.approx(0.2 * 200, abs=5)
    assert drawn[40:].mean() == pytest.approx(0.2 * 200, abs=3)


def test_where_all_rows_have_company_some_groups_go_to_test():
    groups = np.repeat(np.arange(50), 4)
    test = train_test(np.tile([0, 1], 100), groups, 0.2, rng())[1]
    assert len(test) == 40 and len(set(groups[test])) == 10


def test_a_giant_group_does_not_break_the_split():
    groups = np.array([0] * 900 + list(range(1, 101)))
    targets = np.tile([0, 1], 500)
    train, test = train_test(targets, groups, 0.2, rng())
    assert set(range(900)) <= set(train)
    assert 0 < len(test) <= 100


def test_two_groups_of_half_the_data_still_give_a_test_part():
    groups, targets = np.repeat([0, 1], 10), np.tile([0, 1], 10)
    train, test = train_test(targets, groups, 0.2, rng())
    assert len(train) == len(test) == 10


def test_classes_that_are_one_group_each_cannot_be_split():
    targets = np.repeat([0, 1, 2], 5)
    with pytest.raises(DataError, match="3 classes lie in one group.*--test"):
        train_test(targets, targets, 0.2, rng())


def test_rows_without_a_group_are_on_their_own():
    groups = np.array([None] * 20 + ["g"] * 5, dtype=object)
    train, test = train_test(np.tile([0, 1, 0, 1, 1], 5), groups, 0.2, rng())
    assert len(test) == 5 and len(set(test) & set(range(20, 25))) in (0, 5)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
def test_the_fraction_must_be_one(fraction):
    with pytest.raises(ConfigError, match="between 0 and 1"):
        train_test(np.array([0, 1]), None, fraction, rng())


@pytest.mark.parametrize("k", [2, 5])
def test_folds_are_stratified_and_of_equal_size(k):
    targets = np.repeat([0, 1, 2], [50, 33, 17])
    fold = folds(targets, None, k, rng())
    assert np.ptp(np.bincount(fold)) <= 1
    for number in range(3):
        assert np.ptp(np.bincount(fold[targets == number], minlength=k)) <= 1


def test_a_class_with_one_example_is_never_held_out():
    fold = folds(np.array([0] * 6 + [1]), None, 3, rng())
    assert fold[6] == NEVER_HELD_OUT and sorted(fold[:6]) == [0, 0, 1, 1, 2, 2]


def test_rows_grouped_with_such_a_class_are_never_held_out_either():
    # class 1 lies in group "g" alone, so the row of class 0 in "g" must not be held out without it
    groups = np.array(["a", "b", "c", "d", "g", "g"], dtype=object)
    fold = folds(np.array([0, 0, 0, 0, 0, 1]), groups, 2, rng())
    assert fold[4] == fold[5] == NEVER_HELD_OUT and sorted(fold[:4]) == [0, 0, 1, 1]


def test_a_group_with_more_than_half_of_the_rows_is_never_held_out():
    groups = np.array([0] * 60 + list(range(1, 41)))
    fold = folds(np.tile([0, 1], 50), groups, 5, rng())
    assert (fold[:60] == NEVER_HELD_OUT).all() and np.bincount(fold[60:]).tolist() == [8] * 5


def test_fold_numbers_have_no_gaps():
    assert sorted(folds(np.array([0, 0, 1, 1]), None, 7, rng())) == [0, 1, 2, 3]


def test_fewer_than_two_folds_are_refused():
    with pytest.raises(ConfigError, match="at least 2; got 1"):
        folds(np.array([0, 1]), None, 1, rng())


ROWS = st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 6)), min_size=2, max_size=40)


@settings(deadline=None, max_examples=200)
@given(ROWS, st.floats(0.05, 0.95), st.integers(0, 5))
def test_laws_of_a_split(rows, fraction, seed):
    targets = np.array([target for target, _ in rows])
    groups = np.array([group for _, group in rows], dtype=object)
    try:
        train, test = train_test(targets, groups, fraction, rng(seed))
    except DataError:
        owners = [i if group is None else f"g{group}" for i, group in enumerate(groups)]
        of_class = [{owners[i] for i in np.flatnonzero(targets == c)} for c in set(targets)]
        held_back = set().union(*(found for found in of_class if len(found) == 1))
        assert set(owners) == held_back  # no group could go to test without taking a class along
        return
    assert sorted([*train, *test]) == list(range(len(rows))) and len(test)
    assert set(targets[train]) == set(targets)
    assert not {g for g in groups[train] if g is not None} & {g for g in groups[test] if g is not None}


@settings(deadline=None, max_examples=200)
@given(ROWS, st.integers(2, 6), st.integers(0, 5))
def test_laws_of_folds(rows, k, seed):
    targets = np.array([target for target, _ in rows])
    groups = np.array([group for _, group in rows], dtype=object)
    fold = folds(targets, groups, k, rng(seed))
    assert fold.shape == (len(rows),) and set(fold) <= set(range(k)) | {NEVER_HELD_OUT}
    for group in set(groups) - {None}:
        assert len(set(fold[groups == group])) == 1
    for number in set(fold) - {NEVER_HELD_OUT}:
        assert set(targets[fold != number]) == set(targets)


def test_a_group_in_two_splits_is_a_leak():
    split = np.array(["train", "test", "test", "val"], dtype=object)
    require_groups_apart(split, np.array(["a", "b", None, None], dtype=object))
    with pytest.raises(LeakError, match="1 lie in several: a.*--resplit"):
        require_groups_apart(split, np.array(["a", "a", None, None], dtype=object))


def test_rows_that_have_a_fold_stay_there_and_others_fill_the_emptiest():
    strata = np.zeros(30, np.int64)
    kept = np.where(np.arange(30) < 20, np.minimum(np.arange(30) // 5, 3), NOT_DEALT)
    kept[19] = NEVER_HELD_OUT
    found = folds(strata, None, 5, np.random.default_rng(0), kept)
    assert (found[:20] == kept[:20]).all()
    assert sorted(np.bincount(found[found >= 0])) == [5, 6, 6, 6, 6]  # 5, 5, 5, 4 and 0 before; 10 are dealt


def test_a_new_row_follows_its_group_and_what_ties_two_folds_is_never_held_out():
    groups = np.array([0, 1, 2, 0, 4, 5, 6, 6])
    kept = np.array([0, 1, 2, NOT_DEALT, NOT_DEALT, 0, 1, NOT_DEALT])
    groups[4] = groups[5]
    found = folds(np.zeros(8, np.int64), groups, 3, np.random.default_rng(0), kept)
    assert found[3] == found[0] == 0 and found[4] == found[5] == 0 and found[7] == found[6] == 1
    groups[5] = groups[4] = 1  # joins rows that were in the folds 0 and 1
    found = folds(np.zeros(8, np.int64), groups, 3, np.random.default_rng(0), kept)
    assert (found[[1, 4, 5]] == NEVER_HELD_OUT).all()


def test_with_no_row_kept_folds_are_as_without():
    rng = np.random.default_rng(0)
    strata, groups = rng.integers(0, 4, 60), rng.integers(0, 40, 60)
    made = [folds(strata, groups, 5, np.random.default_rng(1), kept) for kept in (None, np.full(60, NOT_DEALT))]
    assert (made[0] == made[1]).all()
