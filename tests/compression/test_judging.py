"""Heads are judged on rows that neither they nor the network learned from."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.compression.judging import bench_of
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
    return bench_of(task, targets, np.arange(N), fresh, base, "linear_probe", 0), features


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
