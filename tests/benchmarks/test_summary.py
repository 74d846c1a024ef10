"""Records to promises, with the arithmetic written out."""

from __future__ import annotations

import pytest
from comparison.summary import Results, median_ratio, rows, targets


def record(tool, set="photos", split=0, pair=0, wall=1.0, accuracy=0.5, timed=True, ok=True, **more):
    return {
        "tool": tool,
        "set": set,
        "split": split,
        "pair": pair,
        "timed": timed,
        "ok": ok,
        "accuracy": accuracy,
        "wall_seconds": wall,
        "cpu_seconds": 2 * wall,
        "peak_memory_mib": 100 * wall,
        **more,
    }


def target(records, beginning):
    found = [target for target in targets(Results(records)) if target.name.startswith(beginning)]
    assert len(found) == 1
    return found[0]


def row(records, set, tool):
    return next(row for row in rows(Results(records)) if (row.set, row.tool) == (set, tool))


def test_the_ratio_is_the_median_of_the_pairs_ratios_not_the_ratio_of_medians():
    ours = {(0, 0): 1.0, (0, 1): 2.0, (0, 2): 10.0}
    theirs = {(0, 0): 6.0, (0, 1): 2.0, (0, 3): 99.0}  # the last was run alone
    assert median_ratio(theirs, ours) == 3.5  # (6 / 1 + 2 / 2) / 2; the medians alone would give 4 / 1.5


def test_without_a_common_pair_there_is_no_ratio():
    assert median_ratio({(0, 0): 1.0}, {(1, 0): 1.0}) is None


def test_sums_over_the_sets_use_only_pairs_that_every_set_has():
    records = [
        record("headstart", "a", wall=1), record("headstart", "b", wall=2),
        record("plain", "a", wall=10), record("plain", "b", wall=50),
        record("headstart", "a", pair=1, wall=100), record("plain", "a", pair=1, wall=100),
    ]  # fmt: skip
    summed = row(records, "all", "plain")
    assert summed.wall_seconds == 60
    assert summed.cpu_seconds == 120
    assert summed.times_headstart == 20  # (10 + 50) / (1 + 2)
    assert summed.peak_memory_mib == 10_000  # the largest of any set and pair


def test_a_tool_that_failed_on_one_set_has_no_sum_and_no_verdict():
    records = [
        record("headstart", "a"), record("headstart", "b"),
        record("plain", "a"), record("plain", "b", ok=False, accuracy=None),
    ]  # fmt: skip
    assert all(row.tool != "plain" for row in rows(Results(records)) if row.set == "all")
    assert target(records, "cold fits of all sets, times as fast as plain").met is None


@pytest.mark.parametrize(("plain", "met"), [(15.0, True), (14.9, False)])
def test_fifteen_times_as_fast_is_enough_and_less_is_not(plain, met):
    records = [record("headstart", wall=1.0), record("plain", wall=plain)]
    assert target(records, "cold fits of all sets, times as fast as plain").met is met


@pytest.mark.parametrize(("ours", "met"), [(17.0, True), (17.1, False)])
def test_per_set_the_limit_is_the_import_and_a_sixth_of_the_tuned_scripts_rest(ours, met):
    records = [
        record("headstart", wall=ours),
        record("tuned", wall=92.0),
        *(record("import", set="", pair=repeat, wall=wall) for repeat, wall in enumerate([9.0, 2.0, 1.0])),
    ]  # 2 + (92 - 2) / 6 = 17
    assert target(records, "photos: cold fit").met is met


def test_accuracy_is_compared_on_the_splits_that_both_tools_saw():
    records = [
        record("headstart", split=0, accuracy=0.9), record("headstart", split=1, accuracy=0.5),
        record("fastai", split=1, accuracy=0.4), record("fastai", split=2, accuracy=1.0),
    ]  # fmt: skip
    result = target(records, "photos: accuracy minus fastai")
    assert result.measured == "+10.0 (1 splits)"
    assert result.met is True


def test_two_runs_of_one_split_count_as_one_split():
    records = [
        record("headstart", split=0, accuracy=0.8), record("headstart", split=0, pair=1, accuracy=0.6),
        record("headstart", split=1, accuracy=0.5, timed=False),
    ]  # fmt: skip
    assert row(records, "photos", "headstart").accuracy == pytest.approx(0.6)  # (0.7 + 0.5) / 2
    assert row(records, "photos", "headstart").splits == 2


@pytest.mark.parametrize(("second", "met"), [(0.72, True), (0.70, False)])
def test_three_points_below_the_tuned_script_is_allowed_in_the_mean_over_the_sets(second, met):
    records = [
        record("headstart", "a", accuracy=0.7), record("tuned", "a", accuracy=0.75),
        record("headstart", "b", accuracy=second), record("tuned", "b", accuracy=0.725),
    ]  # fmt: skip  # a: -5; b: -0.5 (mean -2.75) or -2.5 (mean -3.75)
    assert target(records, "mean accuracy minus the tuned").met is met


def test_a_second_fit_must_neither_decode_nor_forward_and_one_pair_that_does_is_enough_to_fail():
    quiet, busy = {"decoded": 0.0, "forwarded": 0.0}, {"decoded": 0.0, "forwarded": 3.0}
    records = [
        record("headstart_again", wall=5.0, counters=quiet),
        record("headstart_again", pair=1, wall=6.0, counters=busy),
        record("import", set="", wall=2.0),
    ]
    assert target(records, "photos: second fit, seconds").met is True  # 5.5 against 2 + 4
    assert target(records, "photos: second fit, pictures").met is False


def test_nothing_measured_is_nothing_met():
    assert all(target.met is None for target in targets(Results([])))
    assert rows(Results([])) == []
