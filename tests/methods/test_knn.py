from __future__ import annotations

import numpy as np
import pytest

from headstart.methods import knn
from headstart.methods.knn import KNN, KNNConfig, nearest, unit_rows
from headstart.methods.votes import Electorate
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
    electorate = Electorate("class", np.array([0, 1, 1]), np.ones(3), np.array([0.5, 0.5]), 1.0)
    logits = electorate.outputs(np.array([[0, 1, 2]]), np.array([[0.9, 0.8, 0.8]]), 0.1)
    expected = np.array([1.5, 0.5 + 2 / np.e]) / (2 + 2 / np.e)
    assert np.exp(logits[0]) == pytest.approx(expected)


def test_a_neighbours_weight_multiplies_its_vote():
    electorate = Electorate("class", np.array([0, 1]), np.array([3.0, 1.0]), np.array([0.5, 0.5]), 1e-9)
    logits = electorate.outputs(np.array([[0, 1]]), np.full((1, 2), 0.5), 0.1)
    assert np.exp(logits[0]) == pytest.approx([0.75, 0.25])


def test_labels_are_voted_for_and_against_and_numbers_are_averaged():
    # votes 1 and 1/e, prior 1 vote: label 0 has 1 + 0.5, of 2 + 1/e
    found, cosines = np.array([[0, 1]]), np.array([[0.9, 0.8]])
    labels = Electorate("multilabel", np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2), np.array([0.5, 0.1]), 1.0)
    shares = 1 / (1 + np.exp(-labels.outputs(found, cosines, 0.1)[0]))
    assert shares == pytest.approx(np.array([1.5, 0.1]) / (2 + 1 / np.e))
    numbers = Electorate("real", np.array([10.0, 20.0]), np.ones(2), np.array([15.0]), 1.0)
    assert numbers.outputs(found, cosines, 0.1)[0, 0] == pytest.approx((10 + 20 / np.e + 15) / (2 + 1 / np.e))


def test_no_more_rows_are_searched_than_said_and_every_class_is_among_them():
    x, classes, folds = features_like(300, 6, 5)
    method = KNN(KNNConfig(reference_rows=20))
    solution = method.fit(x, as_targets(classes), folds, np.random.default_rng(0))
    assert solution.fitted.arrays["rows"].shape == (20, 6) and solution.report["reference_rows"] == 20
    assert set(solution.fitted.arrays["values"]) == set(range(5))
    assert np.isfinite(solution.out_of_fold).all()  # rows that are no references are predicted too


def test_rows_without_weight_are_not_asked():
    x, classes, folds = features_like(40, 6, 2)
    weights = (np.arange(40) % 4 > 0).astype(float)
    solution = KNN(KNNConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0), weights)
    assert len(solution.fitted.arrays["rows"]) == 30


def test_k_and_temperature_with_the_lowest_out_of_fold_log_loss_are_taken():
    x, classes, folds = features_like(100, 10, 3)
    solution = KNN(KNNConfig()).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    best = min(solution.report["tried"], key=lambda tried: tried["loss"])
    assert (solution.fitted.spec["k"], solution.fitted.spec["temperature"]) == (best["k"], best["temperature"])
    assert best["loss"] == pytest.approx(log_loss(solution.out_of_fold, classes))


def test_clear_classes_are_told_apart():
    x, classes, folds = features_like(100, 10, 3, noise=0.2)
    solution = KNN(KNNConfig()).fit(x - x.mean(0), as_targets(classes), folds, np.random.default_rng(0))
    assert (solution.out_of_fold.argmax(1) == classes).mean() > 0.95


def test_more_neighbours_than_rows_means_all_rows():
    x, classes, folds = features_like(6, 3, 2)
    method = KNN(KNNConfig(neighbours=(50,)))
    solution = method.fit(x, as_targets(classes), folds, np.random.default_rng(0))
    assert np.isfinite(method.predict(solution.fitted, x)).all()
