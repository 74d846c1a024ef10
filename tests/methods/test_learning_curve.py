from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import NEVER_HELD_OUT
from headstart.methods.learning_curve import learning_curve, stratified_order
from headstart.methods.linear_probe import LinearProbe, LinearProbeConfig
from methods.helpers_methods import as_targets, features_like, probabilities


def curve(x, classes, folds, sizes, penalty=1.0, seed=0):
    return list(learning_curve(x, as_targets(classes), folds, sizes, penalty, np.random.default_rng(seed)))


def test_every_class_comes_first_and_then_in_equal_shares():
    classes = np.array([0] * 60 + [1] * 30 + [2] * 10)
    order = stratified_order(classes, np.random.default_rng(0).permutation(100))
    assert sorted(order) == list(range(100))
    assert set(classes[order[:3]]) == {0, 1, 2}
    for n in (20, 50, 80):
        assert np.bincount(classes[order[:n]]) == pytest.approx(np.array([0.6, 0.3, 0.1]) * n, abs=1.5)


def test_all_rows_of_each_fold_give_the_out_of_fold_logits_of_the_probe():
    x, classes, folds = features_like(100, 20, 4, noise=3.0)
    solution = LinearProbe(LinearProbeConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    (point,) = curve(x, classes, folds, [80], solution.report["penalty"])
    assert point.n == 80
    assert probabilities(point.out_of_fold) == pytest.approx(probabilities(solution.out_of_fold), abs=0.02)


def test_more_rows_predict_better():
    x, classes, folds = features_like(200, 20, 4)
    points = curve(x, classes, folds, [10, 40, 160])
    accuracy = [(point.out_of_fold.argmax(1) == classes).mean() for point in points]
    assert [point.n for point in points] == [10, 40, 160]
    assert accuracy[0] < accuracy[1] < accuracy[2]


def test_held_out_rows_never_train_their_own_model():
    x, classes, folds = features_like(60, 8, 2)
    changed = classes.copy()
    changed[folds == 0] = 1 - changed[folds == 0]
    a, b = (curve(x, these, folds, [20, 48])[-1].out_of_fold[folds == 0] for these in (classes, changed))
    assert np.array_equal(a, b)


def test_sizes_beyond_the_rows_use_all_of_them_and_say_so():
    x, classes, folds = features_like(50, 8, 2)
    assert [point.n for point in curve(x, classes, folds, [1000])] == [40]


def test_rows_never_held_out_have_no_prediction():
    x, classes, folds = features_like(50, 8, 2)
    folds[:10] = NEVER_HELD_OUT
    (point,) = curve(x, classes, folds, [20])
    assert np.isnan(point.out_of_fold[:10]).all() and np.isfinite(point.out_of_fold[10:]).all()


def test_without_folds_there_is_no_curve():
    x, classes, _ = features_like(20, 4, 2)
    assert curve(x, classes, np.full(20, NEVER_HELD_OUT), [5]) == []


def test_the_same_seed_draws_the_same_rows():
    x, classes, folds = features_like(60, 8, 2)
    a, b, c = (curve(x, classes, folds, [20], seed=seed)[0].out_of_fold for seed in (1, 1, 2))
    assert np.array_equal(a, b) and not np.array_equal(a, c)
