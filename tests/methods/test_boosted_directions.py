from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.methods.boosted_directions import (
    BoostedDirections,
    BoostedDirectionsConfig,
    leading_directions,
)
from methods.helpers_methods import as_targets, features_like

FEW = {"rounds": 20, "least_rows": 3}


def test_directions_equal_those_of_the_singular_value_decomposition():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((200, 3)) * (9, 3, 1) @ rng.standard_normal((3, 8))).astype(np.float32)
    turned = leading_directions(x, np.ones(200), 3, 0.0).of(x)
    scaled = (x - x.mean(0)) / x.std(0)
    slow = scaled @ np.linalg.svd(scaled, full_matrices=False)[2][:3].T
    for column in slow.T:  # the order and the signs are free
        alike = np.abs(np.corrcoef(column, turned.T)[0, 1:])
        assert alike.max() > 0.999


def test_rows_of_no_weight_change_no_direction():
    x, _, _ = features_like(60, 6, 2)
    weights = (np.arange(60) < 40).astype(float)
    one, other = leading_directions(x, weights, 4, 0.1), leading_directions(x[:40], np.ones(40), 4, 0.1)
    assert np.array_equal(one.mean, other.mean) and np.array_equal(one.across, other.across)


def test_what_is_held_out_is_unseen():
    x, classes, folds = features_like(60, 6, 2)
    lone = np.where(folds == 0, 0, -1)  # fold 0 alone is held out
    moved = x.copy()
    moved[np.flatnonzero(folds == 0)[0]] *= 100  # would turn every direction that sees it
    method = BoostedDirections(BoostedDirectionsConfig(directions=3, rounds=1, least_rows=3))
    one, other = (
        method.fit(each, as_targets(classes), lone, np.random.default_rng(0)).out_of_fold for each in (x, moved)
    )
    assert np.array_equal(one[folds == 0][1:], other[folds == 0][1:])


def test_rings_that_no_line_divides_are_told_apart():
    rng = np.random.default_rng(0)
    classes = np.arange(240) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, 240), 1 + 2 * classes + 0.1 * rng.standard_normal(240)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)
    method = BoostedDirections(BoostedDirectionsConfig(rounds=60))
    solution = method.fit(x, as_targets(classes), rng.permutation(240) % 5, rng)
    assert (solution.out_of_fold.argmax(1) == classes).mean() > 0.9


def test_many_classes_get_fewer_rounds():
    x, classes, folds = features_like(80, 6, 4)
    config = BoostedDirectionsConfig(rounds=50, most_trees=40, least_rows=3)
    solution = BoostedDirections(config).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    assert solution.report["rounds"] <= 10 and solution.report["trees"] == 4 * solution.report["rounds"]


def test_another_width_is_refused():
    x, classes, folds = features_like(40, 6, 2)
    method = BoostedDirections(BoostedDirectionsConfig(**FEW))
    fitted = method.fit(x, as_targets(classes), folds, np.random.default_rng(0)).fitted
    with pytest.raises(ShapeError, match=r"\(N, 6\)"):
        method.predict(fitted, x[:, :5])
