from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Targets
from headstart.methods import inputs
from headstart.methods.inputs import check_inputs
from methods.helpers_methods import as_targets

X = np.ones((4, 3), np.float32)
TARGETS = as_targets([0, 1, 0, 1])
FOLDS = np.arange(4)


def test_no_weights_means_ones():
    assert check_inputs(X, TARGETS, FOLDS, None).tolist() == [1.0] * 4


@pytest.mark.parametrize("shape", [(4,), (0, 3), (4, 0), (4, 3, 1)])
def test_features_of_another_shape_are_refused(shape):
    with pytest.raises(ShapeError, match=r"features must be \(N, D\)"):
        check_inputs(np.ones(shape, np.float32), TARGETS, FOLDS, None)


def test_each_array_of_another_length_is_named():
    with pytest.raises(ShapeError, match=r"'folds': \(3,\), 'weights': \(5,\)"):
        check_inputs(X, TARGETS, FOLDS[:3], np.ones(5))


@pytest.mark.parametrize("classes", [[0, 1, 2, 1], [0, -1, 0, 1]])
def test_classes_outside_the_width_are_refused(classes):
    with pytest.raises(DataError, match=r"class numbers must lie in 0\.\.1"):
        check_inputs(X, as_targets(classes, 2), FOLDS, None)


def test_a_kind_that_the_method_does_not_solve_for_is_refused():
    with pytest.raises(DataError, match="got 'real'"):
        check_inputs(X, Targets(np.zeros(4), "real", 1), FOLDS, None, kinds=frozenset({"class"}))


def test_each_kind_passes_in_its_own_shape():
    labels = np.array([[0, 1], [1, 1], [0, 0], [1, 0]], float)
    for targets in (TARGETS, Targets(labels, "multilabel", 2), Targets(np.arange(4.0), "real", 1)):
        assert len(check_inputs(X, targets, FOLDS, None)) == 4
    for values, kind, width in ((labels, "multilabel", 3), (labels[:, 0], "multilabel", 1), (labels, "real", 2)):
        with pytest.raises(ShapeError, match=f"targets of kind '{kind}'"):
            check_inputs(X, Targets(values, kind, width), FOLDS, None)


def test_labels_other_than_0_and_1_and_numbers_that_are_none_are_refused():
    with pytest.raises(DataError, match="labels must be 0 or 1"):
        check_inputs(X, Targets(np.full((4, 2), 0.5), "multilabel", 2), FOLDS, None)
    with pytest.raises(DataError, match="targets must be finite numbers"):
        check_inputs(X, Targets(np.array([0, 1, 2, np.nan]), "real", 1), FOLDS, None)


def test_sparse_features_need_a_method_that_takes_them():
    sparse = csr_array(X)
    with pytest.raises(DataError, match="Use sparse_linear"):
        check_inputs(sparse, TARGETS, FOLDS, None)
    assert len(check_inputs(sparse, TARGETS, FOLDS, None, takes_sparse=True)) == 4
    sparse.data[4] = np.nan  # one of row 1
    with pytest.raises(DataError, match="1 of 4 rows"):
        check_inputs(sparse, TARGETS, FOLDS, None, takes_sparse=True)


def test_missing_values_pass_where_they_are_welcome_and_infinity_never():
    x = X.copy()
    x[0, 0] = np.nan
    assert len(check_inputs(x, TARGETS, FOLDS, None, takes_missing=True)) == 4
    x[1, 0] = np.inf
    with pytest.raises(DataError, match="1 of 4 rows hold infinity"):
        check_inputs(x, TARGETS, FOLDS, None, takes_missing=True)


@pytest.mark.parametrize("weights", [[1, 1, 1, -1], [0, 0, 0, 0], [1, 1, 1, np.nan]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(DataError, match="weights must be finite"):
        check_inputs(X, TARGETS, FOLDS, np.array(weights, float))


def test_fold_numbers_below_never_held_out_are_refused():
    with pytest.raises(DataError, match="got -2"):
        check_inputs(X, TARGETS, np.array([0, 1, -2, 1]), None)


def test_rows_with_nan_are_counted_over_all_blocks(monkeypatch):
    monkeypatch.setattr(inputs, "BLOCK_BYTES", 12)
    x = X.copy()
    x[0, 1], x[3, 0], x[3, 2] = np.nan, np.inf, np.nan
    with pytest.raises(DataError, match="2 of 4 rows"):
        check_inputs(x, TARGETS, FOLDS, None)
