"""Linear models at one penalty: wherever they begin, and fold by fold."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.fixed_penalty import out_of_fold_at_penalty, solve_at_penalty
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from methods.helpers_methods import as_targets, features_like, probabilities

LEAST_SPREAD, TOLERANCE = 0.1, 1e-9


def labels_of(classes):
    return Targets(np.stack([classes % 2, classes // 2 % 2], axis=1).astype(float), "multilabel", 2)


@pytest.mark.parametrize("far", [0.1, 3.0])
@pytest.mark.parametrize("targets_of", [as_targets, labels_of])
def test_the_optimum_is_the_same_wherever_it_begins(targets_of, far):
    x, classes, folds = features_like(80, 12, 4)
    targets, training = targets_of(classes), np.stack([folds != 0, folds != 1]).astype(float)
    cold = solve_at_penalty(x, targets, training, 1.0, LEAST_SPREAD, TOLERANCE)
    elsewhere = tuple(part + far * np.random.default_rng(0).standard_normal(part.shape) for part in cold)
    warm = solve_at_penalty(x, targets, training, 1.0, LEAST_SPREAD, TOLERANCE, elsewhere)
    assert warm[0] == pytest.approx(cold[0], abs=2e-3)
    shift = (warm[1] - cold[1]).mean(axis=1, keepdims=True) if targets.kind == "class" else 0.0  # which means nothing
    assert warm[1] - shift == pytest.approx(cold[1], abs=2e-2)


def test_from_the_optimum_no_step_is_taken():
    x, classes, folds = features_like(80, 12, 4)
    training = (folds != 0)[None].astype(float)
    found = solve_at_penalty(x, as_targets(classes), training, 1.0, LEAST_SPREAD, 1e-5)
    again = solve_at_penalty(x, as_targets(classes), training, 1.0, LEAST_SPREAD, 1e-4, found)
    assert again[0] == pytest.approx(found[0], abs=1e-5)


def test_a_class_that_a_weighting_does_not_hold_says_nothing_of_the_features():
    x, classes, _ = features_like(80, 12, 4)
    everywhere = solve_at_penalty(x, as_targets(classes), np.ones((1, 80)), 1.0, LEAST_SPREAD, 1e-6)
    without = (classes != 3)[None].astype(float)
    weight, _ = solve_at_penalty(x, as_targets(classes), without, 1.0, LEAST_SPREAD, 1e-2, everywhere)
    assert (weight[0, 3] == 0).all() and (weight[0, :3] != 0).any()


@pytest.mark.parametrize("kind", ["class", "multilabel", "real"])
def test_each_row_is_told_by_the_model_of_the_other_folds(kind):
    x, classes, folds = features_like(60, 8, 4)
    targets = {"class": as_targets(classes), "multilabel": labels_of(classes)}.get(kind)
    targets = targets or Targets(x[:, 0].astype(float) + classes, "real", 1)
    folds[:5] = NEVER_HELD_OUT
    weights = np.linspace(0.5, 2.0, 60)
    outputs = out_of_fold_at_penalty(x, targets, folds, weights, 1.0, LEAST_SPREAD, TOLERANCE)
    assert np.isnan(outputs[:5]).all()
    for fold in range(5):
        one = np.where(folds == fold, 0, weights)[None]
        weight, bias = solve_at_penalty(x, targets, one, 1.0, LEAST_SPREAD, TOLERANCE)
        rows = folds == fold
        assert outputs[rows] == pytest.approx(x[rows] @ weight[0].T + bias[0], abs=1e-2)


def test_without_folds_nothing_is_told():
    x, classes, _ = features_like(20, 4, 2)
    folds = np.full(20, NEVER_HELD_OUT)
    outputs = out_of_fold_at_penalty(x, as_targets(classes), folds, np.ones(20), 1.0, LEAST_SPREAD, TOLERANCE)
    assert np.isnan(outputs).all()


@pytest.mark.parametrize("targets_of", [as_targets, labels_of])
def test_the_probe_gives_the_models_of_its_folds_to_begin_with(targets_of):
    x, classes, folds = features_like(100, 12, 4, noise=3.0)
    targets = targets_of(classes)
    solution = LinearProbe(LinearProbeConfig()).fit(x, targets, folds, np.random.default_rng(0))
    of_folds = solution.of_folds
    for fold in range(5):
        rows = folds == fold
        told = x[rows] @ of_folds["weight"][fold].T + of_folds["bias"][fold]
        assert probabilities(told) == pytest.approx(probabilities(solution.out_of_fold[rows]), abs=1e-3)
