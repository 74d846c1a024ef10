from __future__ import annotations

import numpy as np
import pytest

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


def test_another_kind_of_targets_is_refused():
    with pytest.raises(DataError, match="kind 'number'"):
        check_inputs(X, Targets(np.zeros(4), "number", 1), FOLDS, None)


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
