from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.left_out import as_left_out
from headstart.evaluation.parting import parted
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax


def test_a_model_of_shares_alone_on_even_folds_becomes_its_leave_one_out():
    y = np.repeat([0, 1, 2], [5, 10, 25])
    folds = parted(y, None, 5, np.random.default_rng(0))
    out_of_fold, one_out = np.zeros((40, 3)), np.zeros((40, 3))
    for row in range(40):
        out_of_fold[row] = np.log(np.bincount(y[folds != folds[row]], minlength=3))
        one_out[row] = np.log(np.bincount(np.delete(y, row), minlength=3))
    found = softmax(as_left_out(Targets(y, "class", 3), out_of_fold))
    assert np.allclose(found, softmax(one_out))
    assert not np.allclose(softmax(out_of_fold), softmax(one_out))


def test_so_does_one_of_labels():
    truth = np.zeros((40, 2))
    truth[:10, 0], truth[:30, 1] = 1, 1
    odds = np.log(truth.sum(axis=0) / (1 - truth).sum(axis=0))
    found = sigmoid(as_left_out(Targets(truth, "multilabel", 2), np.tile(odds, (40, 1))))
    slow = [[np.delete(truth[:, label], row).mean() for label in (0, 1)] for row in range(40)]
    assert np.allclose(found, slow)


def test_rows_never_held_out_stay_so_and_count_and_nothing_given_is_changed():
    y, z = np.array([0, 0, 1, 1, 1]), np.zeros((5, 2))
    z[0] = np.nan
    found = as_left_out(Targets(y, "ordinal", 2), z)
    assert np.isnan(found[0]).all() and found[1].tolist() == [pytest.approx(-np.log(2)), 0]
    assert found[2].tolist() == [0, pytest.approx(-np.log(3 / 2))] and z[1].tolist() == [0, 0]


def test_a_class_of_one_stays_finite_and_numbers_stay_as_they_are():
    found = as_left_out(Targets(np.array([0, 1, 1]), "class", 3), np.zeros((3, 3)))
    assert np.isfinite(found).all() and found[0, 0] == pytest.approx(-np.log(2))
    numbers = np.array([[1.5], [2.5]])
    assert np.array_equal(as_left_out(Targets(np.array([1.0, 2.0]), "real", 1), numbers), numbers)


def test_outputs_in_whole_numbers_are_corrected_in_fractions():
    found = as_left_out(Targets(np.array([0, 0, 1, 1]), "class", 2), np.zeros((4, 2), int))
    assert found.dtype == np.float64 and found[0].tolist() == [pytest.approx(-np.log(2)), 0]


def test_with_many_rows_it_changes_next_to_nothing():
    z = np.random.default_rng(0).normal(size=(10_000, 2))
    assert np.abs(as_left_out(Targets(np.arange(10_000) % 2, "class", 2), z) - z).max() < 3e-4


def test_what_does_not_fit_is_said():
    with pytest.raises(ShapeError, match=r"outputs must be \(3, 2\)"):
        as_left_out(Targets(np.array([0, 1, 1]), "class", 2), np.zeros((2, 2)))
