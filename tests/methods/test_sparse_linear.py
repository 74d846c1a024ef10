from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC

from headstart.core.errors import MissingExtraError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.calibration import calibrate
from headstart.methods.sparse_linear import SparseLinear, SparseLinearConfig
from headstart.methods.sparse_ridge import sparse_ridge
from methods.helpers_methods import as_targets, log_loss

EXACT = SparseLinearConfig(tolerance=1e-8, fold_tolerance=1e-8, passes=20_000, fold_passes=20_000)


def texts_like(n=120, d=300, k=3, seed=0):
    """Rows of length 1 with a few of many columns, some of which stand for a class."""
    rng = np.random.default_rng(seed)
    classes = rng.permutation(np.arange(n) % k)
    x = random_array((n, d), density=0.05, rng=rng, format="csr").toarray()
    x[np.arange(n), classes * 3 + rng.integers(0, 3, n)] += 1
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return csr_array(x.astype(np.float32)), classes, rng.permutation(np.arange(n) % 5)


def test_weights_are_those_of_a_support_vector_machine_times_the_scale():
    x, classes, folds = texts_like()
    solution = SparseLinear(EXACT).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    machine = LinearSVC(tol=1e-8, max_iter=20_000).fit(x.toarray(), classes)
    scale = solution.report["scale"]
    assert solution.fitted.arrays["weight"] == pytest.approx(scale * machine.coef_, abs=1e-3)


def test_out_of_fold_margins_are_those_of_machines_that_did_not_see_the_row():
    x, classes, folds = texts_like()
    solution = SparseLinear(EXACT).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    for fold in range(5):
        machine = LinearSVC(tol=1e-8, max_iter=20_000).fit(x.toarray()[folds != fold], classes[folds != fold])
        expected = solution.report["scale"] * machine.decision_function(x.toarray()[folds == fold])
        assert solution.out_of_fold[folds == fold] == pytest.approx(expected, abs=2e-3)


def test_no_other_scale_gives_a_lower_log_loss_of_the_rows_and_one_that_is_wrong_by_the_median_margin():
    x, classes, folds = texts_like()
    logits = SparseLinear(EXACT).fit(x, as_targets(classes), folds, np.random.default_rng(0)).out_of_fold
    ordered = np.sort(logits, axis=1)
    gap = np.median(ordered[:, -1] - ordered[:, -2])

    def loss(factor):
        return (len(logits) * log_loss(logits * factor, classes) + factor * gap) / (len(logits) + 1)

    assert loss(1.0) < min(loss(factor) for factor in (0.8, 0.95, 1.05, 1.2))


def test_rows_that_are_all_right_do_not_make_a_certain_model():
    margins = np.array([[1.0, -1.0], [-1.0, 1.0]] * 50)
    targets = Targets(np.array([0, 1] * 50), "class", 2)
    found = calibrate(targets, margins, np.ones(100))
    # d/ds of 100 log(1 + exp(-2 s)) + 2 s is 0 where the sigmoid of 2 s is 1 - 1/100
    assert found.scale == pytest.approx(np.log(99) / 2, rel=1e-2)


def test_labels_share_a_scale_and_a_shift():
    x, classes, folds = texts_like()
    labels = Targets((classes[:, None] == np.arange(3)).astype(float), "multilabel", 3)
    solution = SparseLinear(EXACT).fit(x, labels, folds, np.random.default_rng(0))
    z = 1 / (1 + np.exp(-solution.out_of_fold))
    assert z.mean() == pytest.approx(1 / 3, abs=0.02)  # a shift makes the mean probability that of the labels
    assert ((z > 0.5) == labels.values).mean() > 0.95


@pytest.mark.parametrize("is_sparse", [True, False])
def test_numbers_equal_scikit_learns_ridge(is_sparse):
    x, classes, _ = texts_like()
    y = classes * 10.0 + np.random.default_rng(1).standard_normal(120)
    model = sparse_ridge(x if is_sparse else x.toarray(), y, np.ones(120), 0.5)
    other = Ridge(alpha=0.5).fit(x.toarray().astype(np.float64), y)
    assert model.outputs(x)[:, 0] == pytest.approx(other.predict(x.toarray()), abs=1e-3)


def test_weights_of_rows_count_in_the_ridge():
    x, classes, _ = texts_like()
    y, weights = classes * 1.0, np.where(np.arange(120) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(120), weights.astype(int))
    weighted, repeated = sparse_ridge(x, y, weights, 0.5), sparse_ridge(x[twice], y[twice], np.ones(len(twice)), 0.5)
    assert weighted.weight == pytest.approx(repeated.weight, abs=1e-4)


def test_a_class_that_a_fold_did_not_see_is_unlikely_and_not_impossible():
    x, classes, _ = texts_like()
    classes[:] = classes.clip(0, 1)
    classes[:2] = 2
    folds = np.where(np.arange(120) < 2, 0, 1 + np.arange(120) % 2)
    solution = SparseLinear(SparseLinearConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    assert np.isfinite(solution.out_of_fold).all()
    assert (solution.out_of_fold[:2].argmax(1) != 2).all()


def test_without_held_out_rows_the_scale_is_the_fallback():
    x, classes, _ = texts_like(30)
    solution = SparseLinear(SparseLinearConfig(fallback_scale=2.0)).fit(
        x, as_targets(classes), np.full(30, NEVER_HELD_OUT), np.random.default_rng(0)
    )
    assert solution.report["scale"] == 2.0 and np.isnan(solution.out_of_fold).all()


def test_one_text_is_predicted_as_among_many():
    x, classes, folds = texts_like()
    method = SparseLinear(SparseLinearConfig())
    fitted = method.fit(x, as_targets(classes), folds, np.random.default_rng(0)).fitted
    whole = method.predict(fitted, x)
    assert all(np.array_equal(method.predict(fitted, x[row : row + 1])[0], whole[row]) for row in range(120))
    assert method.predict(fitted, csr_array((2, 300), dtype=np.float32)).shape == (2, 3)  # no known word at all


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    x, classes, folds = texts_like(30)
    with pytest.raises(MissingExtraError, match=r"headstart\[text\]"):
        SparseLinear(SparseLinearConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0))
