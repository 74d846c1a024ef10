"""Heads are judged on rows that neither they nor the network learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.compression import judging
from headstart.compression.judging import bench_of, drawn, student_folds
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.tasks.choose import task_from_dict

N = 90


def made(fresh, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.arange(N) % 3
    features = (np.eye(3)[truth] * 3 + rng.normal(size=(N, 3))).astype(np.float32)
    targets = Targets(truth.astype(np.int64), "class", 3)
    task = task_from_dict({"task": "classification", "class_names": ["a", "b", "c"]})
    base = np.full((N, 3), np.nan)
    base[fresh] = np.eye(3)[truth[fresh]]
    folds = np.where(fresh, np.arange(N) // 3 % 5, NEVER_HELD_OUT)
    return bench_of(task, targets, folds, base, "linear_probe", 0), features


def test_rows_that_taught_the_network_are_never_held_out():
    fresh = np.arange(N) >= 60
    bench, features = made(fresh)
    assert (bench.folds[~fresh] == NEVER_HELD_OUT).all() and (bench.folds[fresh] == 0).all()
    assert bench.rows.tolist() == list(range(60, N))
    found = bench.solved(features).out_of_fold
    assert np.isnan(found[~fresh]).all() and np.isfinite(found[fresh]).all()


def test_where_nothing_taught_the_network_every_row_is_held_out_once():
    bench, features = made(np.ones(N, bool))
    assert sorted(np.unique(bench.folds)) == [0, 1, 2, 3, 4]
    score, difference = bench.compared(bench.solved(features).out_of_fold)
    right = (bench.solved(features).out_of_fold.argmax(axis=1) == bench.targets.values).mean()
    assert score == pytest.approx(right) and difference["value"] == pytest.approx(right - 1)  # the base is always right
    assert difference["low"] <= difference["value"] <= difference["high"]


def test_a_glance_says_about_what_choosing_the_penalty_says():
    bench, features = made(np.ones(N, bool))
    solution = bench.solved(features)
    glance = bench.glanced(features, float(solution.report["penalty"]) / 3)
    assert (glance.argmax(axis=1) == solution.out_of_fold.argmax(axis=1)).mean() > 0.95
    assert np.array_equal(bench.glanced(features, None), solution.out_of_fold)


def test_a_glance_tells_held_out_rows_where_features_are_many_and_hardly_held_back():
    rng = np.random.default_rng(0)
    bench, _ = made(np.ones(N, bool))
    features = (rng.normal(size=(3, 600))[bench.targets.values] + rng.normal(size=(N, 600)) / 2).astype(np.float32)
    glance = bench.glanced(features, 1e-6)
    assert (glance.argmax(axis=1) == bench.targets.values).mean() == 1.0


def test_rows_that_lose_say_so_one_by_one_and_their_mean_is_the_loss():
    bench, features = made(np.arange(N) >= 60)
    wrong = bench.base.copy()
    wrong[60:66] = np.roll(wrong[60:66], 1, axis=1)
    lost = bench.lost(wrong, 100.0)
    assert np.isnan(lost[:60]).all() and lost[60:].tolist() == [100.0] * 6 + [0.0] * 24
    assert np.nanmean(lost) == pytest.approx(-100 * bench.compared(wrong)[1]["value"])


def test_of_numbers_the_loss_is_the_share_by_which_the_error_grows():
    targets = Targets(np.arange(N, dtype=np.float64), "real", 1)
    task = task_from_dict({"task": "regression", "mean": 0.0})
    base = (targets.values + np.where(np.arange(N) % 2, 1.0, -1.0))[:, None]
    bench = bench_of(task, targets, np.arange(N) % 5, base, "linear_probe", 0)
    ours = targets.values[:, None] + 1.01 * (base - targets.values[:, None])
    assert np.nanmean(bench.lost(ours, 100.0)) == pytest.approx(1.0, rel=0.01)


def test_a_search_looks_at_some_rows_with_classes_as_they_are_and_groups_whole():
    bench, _ = made(np.ones(N, bool))
    pairs = np.arange(N) // 6 * 2 + np.arange(N) % 2
    rows = drawn(bench, pairs, 30)
    assert len(rows) == 30 and np.bincount(bench.targets.values[rows]).tolist() == [10, 10, 10]
    assert not set(pairs[rows]) & set(np.delete(pairs, rows))
    part = bench.on(rows)
    assert np.array_equal(part.base, bench.base[rows]) and np.array_equal(part.folds, bench.folds[rows])
    assert drawn(bench, pairs, 70) is None


def test_folds_are_those_of_the_run_where_it_held_most_rows_out():
    bench, _ = made(np.ones(N, bool))
    assert np.array_equal(bench.folds, np.arange(N) // 3 % 5)
    some, _ = made(np.arange(N) >= 20)
    assert np.array_equal(some.folds[20:], (np.arange(N) // 3 % 5)[20:])


def test_most_folds_teach_students_and_never_judge_them():
    bench, features = made(np.ones(N, bool))
    student, taught = bench.of(is_student=True), bench.taught
    assert np.array_equal(taught, np.flatnonzero(bench.folds < 4)) and (student.folds[student.rows] == 4).all()
    said = student.solved(features).out_of_fold
    assert np.isnan(said[taught]).all() and np.isfinite(said[student.rows]).all()
    lost = student.lost(said, 100.0)
    assert np.isnan(lost[taught]).all() and np.isfinite(lost[student.rows]).all()
    assert bench.of(is_student=False) is bench
    some = np.arange(0, N, 2)
    assert np.array_equal(bench.on(some).of(is_student=True).folds, student.folds[some])


def test_a_head_of_a_student_learns_from_as_many_rows_as_that_of_any_other_way():
    bench, features = made(np.ones(N, bool))
    student = bench.of(is_student=True)
    ours, others = (each.glanced(features, 0.1) for each in (student, bench))  # one penalty
    assert np.allclose(ours[student.rows], others[student.rows], atol=0.02)


def test_of_many_rows_no_more_than_are_enough_teach(monkeypatch):
    monkeypatch.setattr(judging, "MOST_TEACHING", 36)  # 0.4 of the rows are two of five folds
    bench, _ = made(np.ones(N, bool))
    assert np.array_equal(bench.taught, np.flatnonzero(bench.folds < 2))
    assert np.unique(bench.student_folds).tolist() == [NEVER_HELD_OUT, 2, 3, 4]


def test_where_rows_taught_the_model_they_teach_its_students_and_the_others_judge_all_alike():
    for fresh in (np.arange(N) >= 60, np.arange(N) >= 20):
        bench, _ = made(fresh)
        assert np.array_equal(bench.taught, np.flatnonzero(~fresh))
        assert np.array_equal(bench.of(is_student=True).folds, bench.folds)
    assert np.array_equal(student_folds(np.zeros(9, np.int64)), np.zeros(9))  # nothing is left to judge by


@pytest.mark.parametrize("method", ["linear_probe", "knn"])
def test_rows_that_look_otherwise_are_answered_by_the_head_that_did_not_see_them(method):
    bench, features = made(np.ones(N, bool))
    bench = replace(bench, method=method)
    solution, rows = bench.solved(features), np.array([2, 30, 31, 77])
    same = bench.held_out_again(solution, features, rows, features[rows])
    np.testing.assert_allclose(same, solution.out_of_fold, atol=1e-6)
    changed = features[rows] + np.float32(0.5)
    found = bench.held_out_again(solution, features, rows, changed)
    others = np.setdiff1d(np.arange(N), rows)
    assert np.array_equal(found[others], solution.out_of_fold[others]) and not np.allclose(found[rows], same[rows])
    for row, seen in zip(rows, changed, strict=True):  # one by one: a solve in which this row alone looks otherwise
        swapped = features.copy()
        swapped[row] = seen
        np.testing.assert_allclose(found[row], bench.solved(swapped).out_of_fold[row], rtol=0.1, atol=0.1)


def test_rows_that_are_never_held_out_have_nothing_to_be_answered():
    bench, features = made(np.arange(N) >= 60)
    solution = bench.solved(features)
    found = bench.held_out_again(solution, features, np.array([3]), features[[3]] + 1)
    assert np.array_equal(found, solution.out_of_fold, equal_nan=True)
