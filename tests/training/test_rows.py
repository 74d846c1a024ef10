from types import SimpleNamespace

import numpy as np
import pytest

from headstart.training.rows import APART_FROM, validation_rows


def solved(n, split=None, groups=None, classes=2):
    given = np.full(n, "train", dtype=object) if split is None else np.array(split, dtype=object)
    strata = np.arange(n) % classes
    parts = SimpleNamespace(
        train=SimpleNamespace(split=given), groups=np.arange(n) if groups is None else np.array(groups)
    )
    return SimpleNamespace(parts=parts, learning=SimpleNamespace(strata=strata))


@pytest.mark.parametrize("n", [20, 500, 995, 1000, 2000])
def test_together_they_are_all_rows_and_none_comes_twice(n):
    rows = validation_rows(solved(n), 0)
    assert sorted(np.concatenate(rows).tolist()) == list(range(n))
    assert all((np.diff(part) > 0).all() for part in rows)


def test_from_two_hundred_validation_rows_on_half_are_kept_apart():
    assert len(validation_rows(solved(995), 0).apart) == 0  # 199 of them
    train, val, apart = validation_rows(solved(1000), 0)
    assert (len(train), len(val), len(apart)) == (800, 100, 100) and APART_FROM == 200
    assert np.bincount(apart % 2).tolist() == [50, 50]


def test_a_given_val_is_halved_alike():
    split = ["train"] * 300 + ["val"] * 200
    train, val, apart = validation_rows(solved(500, split), 0)
    assert train.tolist() == list(range(300)) and len(val) == len(apart) == 100
    assert len(validation_rows(solved(499, split[:-1]), 0).apart) == 0


def test_rows_of_one_group_are_on_one_side():
    groups = np.arange(1000) // 4
    rows = validation_rows(solved(1000, groups=groups), 0)
    held = [set(groups[part]) for part in rows]
    assert held[0].isdisjoint(held[1] | held[2]) and held[1].isdisjoint(held[2]) and len(held[2]) >= 20


def test_a_val_of_one_group_is_not_parted():
    split = ["train"] * 300 + ["val"] * 200
    groups = list(range(300)) + [300] * 200
    assert len(validation_rows(solved(500, split, groups), 0).apart) == 0
