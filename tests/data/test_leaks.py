from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.table import Column
from headstart.data.leaks import avoided_mistakes, suspicion


def rng(seed=0):
    return np.random.default_rng(seed)


def category(values):
    return Column("category", np.asarray(values, dtype=object))


def number(values):
    return Column("number", np.asarray(values, dtype=np.float64))


def found(column, targets, measured=None):
    result = suspicion("x", column, [str(value) for value in targets], measured)
    return None if result is None else result.is_leak


def classes(n=400, k=3, seed=0):
    return rng(seed).integers(0, k, n)


def test_a_copy_and_a_code_for_each_class_are_leaks():
    targets = classes()
    assert found(category(list("abc"[t] for t in targets)), list("abc"[t] for t in targets)) is True
    assert found(category([f"code {t}" for t in targets]), targets) is True
    assert found(number(10.0 * targets), targets) is True
    assert found(category([f"{t}:{i % 5}" for i, t in enumerate(targets)]), targets) is True  # finer than the target


def test_a_copy_is_found_in_four_rows_and_nothing_else_in_so_few():
    assert found(category(["a", "b", "a", "b"]), ["a", "b", "a", "b"]) is True
    assert found(category(["x", "y", "x", "y"]), ["a", "b", "a", "b"]) is None
    assert found(category(["a", "b"]), ["a", "b"]) is None


def test_another_value_in_every_row_tells_nothing():
    assert found(category([f"id{i}" for i in range(400)]), classes()) is None


def test_noise_and_an_honest_feature_are_not_suspicious():
    targets = classes(k=2)
    assert found(number(rng(1).normal(size=400)), targets) is None
    assert found(number(targets + rng(1).normal(size=400)), targets) is None


def test_a_nearly_perfect_column_is_a_leak_and_a_very_good_one_worth_a_look():
    targets = classes(n=2000, k=2)
    for wrong, expected in ((10, True), (60, False), (300, None)):
        values = targets.copy()
        values[rng(2).choice(2000, wrong, replace=False)] ^= 1
        assert found(category([f"v{v}" for v in values]), targets) is expected


def test_one_threshold_that_parts_two_classes_is_a_leak():
    targets = classes(k=2)
    assert found(number(targets * 10 + rng(1).uniform(0, 9, 400)), targets) is True
    assert found(number(-targets * 10 + rng(1).uniform(0, 9, 400)), targets) is True


def test_ranges_that_part_many_classes_are_a_leak():
    targets = classes(n=3000, k=4)
    assert found(number(targets * 10 + rng(1).uniform(0, 9, 3000)), targets) is True


def test_a_flag_that_is_set_for_one_rare_class_only_is_a_leak():
    # 5 % of 1000 rows failed; the flag is set in 20 of these 50 and nowhere else: chance 0.05 ** 20
    targets = np.repeat(["fine", "failed"], [950, 50])
    flag = np.concatenate([np.zeros(980), np.ones(20)])
    assert found(number(flag), targets) is True
    result = suspicion("x", number(flag), targets.tolist(), None)
    assert result is not None and result.why == "all 20 rows with '1' are 'failed', of all rows 5.0 %"
    assert found(number(np.roll(flag, 500)), targets) is None  # set for the frequent class


def test_a_flag_with_few_rows_or_mixed_rows_is_not():
    targets = np.repeat(["fine", "failed"], [950, 50])
    few, mixed = np.zeros(1000), np.zeros(1000)
    few[-3:] = 1  # 0.05 ** 3 is not beyond chance
    mixed[-20:] = mixed[:10] = 1
    assert found(number(few), targets) is None and found(number(mixed), targets) is None


def test_being_filled_in_can_be_the_flag():
    targets = np.repeat(["stayed", "left"], [300, 60])
    reasons = [None] * 320 + [f"reason {i % 7}" for i in range(40)]
    result = suspicion("x", category(reasons), targets.tolist(), None)
    assert result is not None and result.is_leak and "rows with a value are 'left'" in result.why


def test_a_value_among_many_that_is_pure_is_an_honest_feature():
    targets = np.repeat(["low", "high"], [700, 300])
    values = np.concatenate([np.arange(700) % 40, np.full(60, 99), np.arange(240) % 40])
    assert found(number(values), targets) is None


def test_a_coarser_version_of_the_target_is_named_and_kept():
    targets = classes(k=9)
    assert found(category([f"group {t // 3}" for t in targets]), targets) is False


def test_quantities_in_another_unit_are_leaks_and_close_relatives_worth_a_look():
    values = rng().normal(size=300)
    targets = values.tolist()
    assert found(number(values * 1.8 + 32), targets, values) is True
    assert found(number(np.exp(values)), targets, values) is True  # by ranks
    assert found(number(values + rng(1).normal(scale=0.4, size=300)), targets, values) is False
    assert found(number(values + rng(1).normal(scale=2, size=300)), targets, values) is None


def test_categories_that_tell_a_quantity():
    codes = rng().integers(0, 5, 300)
    values = codes * 10 + rng(1).normal(scale=0.01, size=300)
    assert found(category([f"c{c}" for c in codes]), values, values) is True
    assert found(category([f"c{i}" for i in range(300)]), values, values) is None


def test_missing_values_do_not_stop_it():
    targets = classes(k=2)
    values = targets.astype(float)
    values[:5] = np.nan
    assert found(number(values), targets) is True
    assert found(number([np.nan] * 400), targets) is None
    assert found(category([None] * 400), targets) is None


def test_a_lookup_by_hand():
    # both halves hold codes 0 and 1 with classes 0 and 1 without exception: no mistakes are left
    codes = np.tile([0, 1], 50)
    assert avoided_mistakes(codes, codes) == 1
    assert avoided_mistakes(np.zeros(100, int), codes) <= 0.1  # one code tells nothing


ROWS = st.lists(
    st.tuples(st.none() | st.sampled_from("abc"), st.floats(-3, 3) | st.just(float("nan")), st.sampled_from("xyz")),
    min_size=1,
    max_size=80,
)


@settings(deadline=None, max_examples=200)
@given(ROWS, st.booleans())
def test_any_columns_are_judged_without_warnings(rows, is_measured):
    targets = [target for _, _, target in rows]
    measured = np.asarray([float(ord(target)) for target in targets]) if is_measured else None
    for column in (category([a for a, _, _ in rows]), number([b for _, b, _ in rows])):
        result = suspicion("x", column, targets, measured)
        assert result is None or result.why


@pytest.mark.parametrize("seed", range(20))
def test_random_flags_are_never_leaks(seed):
    targets = rng(seed).integers(0, 2, 60)
    flag = rng(seed + 100).integers(0, 2, 60)
    assert found(number(flag), targets) is None


def test_one_very_long_value_does_not_make_all_of_them_long():
    values = ["long text " * 300_000, *(f"{n}" for n in range(399))]
    tracemalloc.start()
    try:
        suspicion("x", category(values), [f"{t}" for t in classes()], None)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000  # 400 of them would take 4.8 GB
    finally:
        tracemalloc.stop()
