from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.core.errors import DataError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.learning_curve import learning_curve
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from methods.helpers_methods import as_targets, features_like, probabilities


def curve(x, classes, folds, sizes, penalty=1.0, seed=0):
    return list(learning_curve(x, as_targets(classes), folds, sizes, penalty, np.random.default_rng(seed)))


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


def test_where_the_folds_ended_is_only_where_it_begins():
    x, classes, folds = features_like(200, 20, 4, noise=2.0)
    of_folds = LinearProbe(LinearProbeConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0)).of_folds
    draw = [np.random.default_rng(1) for _ in range(2)]
    cold = learning_curve(x, as_targets(classes), folds, [20, 80, 160], 1.0, draw[0])
    warm = learning_curve(x, as_targets(classes), folds, [20, 80, 160], 1.0, draw[1], of_folds=of_folds)
    for one, other in zip(cold, warm, strict=True):
        apart = np.abs(probabilities(one.out_of_fold) - probabilities(other.out_of_fold))
        assert apart.max() < 0.06 and apart.mean() < 0.006  # both are within the tolerance of the optimum


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


def test_numbers_and_labels_have_curves_too():
    x, _, folds = features_like(200, 10, 2)
    z = x - x.mean(0)
    numbers = Targets((z[:, 0] + z[:, 1]).astype(np.float64), "real", 1)
    points = list(learning_curve(x, numbers, folds, [20, 160], 1.0, np.random.default_rng(0)))
    errors = [np.square(point.out_of_fold[:, 0] - numbers.values).mean() for point in points]
    assert errors[1] < errors[0] and points[1].out_of_fold.shape == (200, 1)
    labels = Targets((z[:, :3] > 0.5).astype(np.float64), "multilabel", 3)
    points = list(learning_curve(x, labels, folds, [20, 160], 1.0, np.random.default_rng(0)))
    rights = [((point.out_of_fold > 0) == labels.values).mean() for point in points]
    assert rights[1] > rights[0] and points[1].out_of_fold.shape == (200, 3)


def test_all_rows_of_each_fold_give_the_out_of_fold_predictions_of_the_ridge():
    x, classes, folds = features_like(60, 10, 3)
    targets = Targets(classes.astype(np.float64), "real", 1)
    solution = LinearProbe(LinearProbeConfig(loss="squared")).fit(x, targets, folds, np.random.default_rng(0))
    (point,) = learning_curve(x, targets, folds, [60], solution.report["penalty"], np.random.default_rng(0))
    assert point.out_of_fold == pytest.approx(solution.out_of_fold, abs=1e-4)


def test_sparse_features_are_refused():
    x, classes, folds = features_like(20, 4, 2)
    with pytest.raises(DataError, match="takes dense features"):
        next(learning_curve(csr_array(x), as_targets(classes), folds, [5], 1.0, np.random.default_rng(0)))
