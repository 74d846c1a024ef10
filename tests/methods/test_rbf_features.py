from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.rbf_features import RBFFeatures, RBFFeaturesConfig, fourier, median_distance
from methods.helpers_methods import as_targets, features_like


def test_inner_products_of_waves_come_near_the_gaussian_kernel():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 3)).astype(np.float32)
    m = 50_000
    waves = {
        "mean": np.zeros(3, np.float32),
        "scaled": (rng.standard_normal((3, m)) / 2.0).astype(np.float32),  # a kernel of width 2
        "phases": rng.uniform(0, 2 * np.pi, m).astype(np.float32),
    }
    features = fourier(waves, x).astype(np.float64)
    squares = ((x[:, None] - x[None]) ** 2).sum(-1)
    assert features @ features.T == pytest.approx(np.exp(-squares / (2 * 2.0**2)), abs=0.03)


def test_the_median_distance_of_three_points_by_hand():
    assert median_distance(np.array([[0.0], [1.0], [5.0]])) == pytest.approx(4)  # of 1, 4 and 5
    assert median_distance(np.zeros((4, 2))) == 1.0
    assert median_distance(np.zeros((1, 2))) == 1.0


def test_rings_that_no_line_divides_are_told_apart():
    rng = np.random.default_rng(0)
    classes = np.arange(200) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, 200), 1 + classes + 0.1 * rng.standard_normal(200)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)
    solution = RBFFeatures(RBFFeaturesConfig(waves=200)).fit(x, as_targets(classes), rng.permutation(200) % 5, rng)
    assert (solution.out_of_fold.argmax(1) == classes).mean() > 0.95


def test_the_width_with_the_lowest_out_of_fold_loss_is_taken():
    x, classes, folds = features_like(60, 6, 2)
    y = Targets((x[:, 0] * x[:, 1]).astype(np.float64), "real", 1)
    solution = RBFFeatures(RBFFeaturesConfig(waves=64)).fit(x, y, folds, np.random.default_rng(0))
    best = min(solution.report["tried"], key=lambda one: one["loss"])
    assert solution.report["factor"] == best["factor"]
    assert best["loss"] == pytest.approx(np.square(solution.out_of_fold[:, 0] - y.values).mean())


def test_no_training_row_is_kept():
    x, classes, folds = features_like(60, 6, 2)
    arrays = (
        RBFFeatures(RBFFeaturesConfig(waves=16))
        .fit(x, as_targets(classes), folds, np.random.default_rng(0))
        .fitted.arrays
    )
    assert {name: array.shape for name, array in arrays.items()} == {
        "mean": (6,),
        "scaled": (6, 16),
        "phases": (16,),
        "weight": (2, 16),
        "bias": (2,),
    }


def test_without_folds_the_first_width_is_taken():
    x, classes, _ = features_like(20, 4, 2)
    method = RBFFeatures(RBFFeaturesConfig(waves=16))
    solution = method.fit(x, as_targets(classes), np.full(20, NEVER_HELD_OUT), np.random.default_rng(0))
    assert solution.report["factor"] == 0.5
