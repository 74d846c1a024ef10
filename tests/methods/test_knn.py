from __future__ import annotations

import numpy as np
import pytest

from headstart.methods import knn
from headstart.methods.knn import KNN, KNNConfig, nearest, unit_rows, vote_logits
from methods.helpers_methods import as_targets, features_like, log_loss


def test_nearest_equals_sorting_all_cosines(monkeypatch):
    x, _, _ = features_like(50, 6, 3)
    rows = unit_rows(x)
    monkeypatch.setattr(knn, "BLOCK_VALUES", 200)
    indices, cosines = nearest(rows[:20], rows[20:], 7)
    for i in range(20):
        similar = [float(rows[i] @ row) for row in rows[20:]]
        assert indices[i].tolist() == sorted(range(30), key=lambda j: -similar[j])[:7]
        assert cosines[i] == pytest.approx(sorted(similar, reverse=True)[:7], abs=1e-6)


def test_equal_rows_come_in_their_order():
    rows = unit_rows(np.ones((5, 3), np.float32))
    indices, cosines = nearest(rows[:1], rows, 5)
    assert indices.tolist() == [[0, 1, 2, 3, 4]] and cosines == pytest.approx(1)


def test_a_row_of_zeros_stays_finite():
    assert unit_rows(np.zeros((1, 3), np.float32)).tolist() == [[0.0, 0.0, 0.0]]


def test_votes_of_three_neighbours_by_hand():
    # temperature 0.1: cosines 0.9, 0.8, 0.8 vote 1, 1/e, 1/e; prior votes 0.5 each
    logits = vote_logits(np.array([[0, 1, 1]]), np.array([[0.9, 0.8, 0.8]]), np.ones((1, 3)), np.array([0.5, 0.5]), 0.1)
    expected = np.array([1.5, 0.5 + 2 / np.e]) / (2 + 2 / np.e)
    assert np.exp(logits[0]) == pytest.approx(expected)


def test_a_neighbours_weight_multiplies_its_vote():
    cosines = np.full((1, 2), 0.5)
    logits = vote_logits(np.array([[0, 1]]), cosines, np.array([[3.0, 1.0]]), np.array([1e-9, 1e-9]), 0.1)
    assert np.exp(logits[0]) == pytest.approx([0.75, 0.25])


def test_k_and_temperature_with_the_lowest_out_of_fold_log_loss_are_taken():
    x, classes, folds = features_like(100, 10, 3)
    solution = KNN(KNNConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    best = min(solution.report["tried"], key=lambda tried: tried["log_loss"])
    assert (solution.fitted.spec["k"], solution.fitted.spec["temperature"]) == (best["k"], best["temperature"])
    assert best["log_loss"] == pytest.approx(log_loss(solution.out_of_fold, classes))


def test_clear_classes_are_told_apart():
    x, classes, folds = features_like(100, 10, 3, noise=0.2)
    solution = KNN(KNNConfig()).fit(x - x.mean(0), as_targets(classes), folds, np.random.default_rng(0))
    assert (solution.out_of_fold.argmax(1) == classes).mean() > 0.95


def test_more_neighbours_than_rows_means_all_rows():
    x, classes, folds = features_like(6, 3, 2)
    method = KNN(KNNConfig(neighbours=(50,)))
    solution = method.fit(x, as_targets(classes), folds, np.random.default_rng(0))
    assert np.isfinite(method.predict(solution.fitted, x)).all()
