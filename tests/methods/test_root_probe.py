from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import ConfigError
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from headstart.methods.root_probe import RootProbe, RootProbeConfig, signed_root
from headstart.methods.row_losses import mean_held_out_loss
from methods.helpers_methods import as_targets, features_like


def test_roots_by_hand_keep_the_sign_and_zero():
    x = np.array([[16.0, -81.0, 0.0]], np.float32)
    assert signed_root(x, 0).tolist() == x.tolist()
    assert signed_root(x, 1).tolist() == [[4.0, -9.0, 0.0]]
    assert signed_root(x, 2).tolist() == [[2.0, -3.0, 0.0]]


def test_no_root_is_the_linear_probe():
    x, classes, folds = features_like(60, 6, 3)
    rng = np.random.default_rng(0)
    rooted = RootProbe(RootProbeConfig(roots=(0,))).fit(x, as_targets(classes), folds, rng)
    plain = LinearProbe(LinearProbeConfig()).fit(x, as_targets(classes), folds, rng)
    assert np.array_equal(rooted.out_of_fold, plain.out_of_fold)
    assert np.array_equal(rooted.fitted.arrays["weight"], plain.fitted.arrays["weight"])


def test_the_number_of_roots_with_the_lowest_held_out_loss_is_taken():
    x, classes, folds = features_like(80, 6, 3)
    solution = RootProbe(RootProbeConfig(roots=(0, 1, 3))).fit(x, as_targets(classes), folds, np.random.default_rng(0))
    best = min(solution.report["tried"], key=lambda one: one["loss"])
    assert solution.report["roots"] == best["roots"] == solution.fitted.spec["roots"]
    loss = mean_held_out_loss(as_targets(classes), solution.out_of_fold, np.ones(80))
    assert best["loss"] == pytest.approx(loss)


def test_where_few_large_values_hide_many_small_ones_roots_help():
    rng = np.random.default_rng(0)
    classes = np.arange(200) % 2
    size = np.exp(3 * rng.standard_normal((200, 20)))  # a heavy tail
    x = (size * np.exp(classes[:, None] * 1.5)).astype(np.float32)
    folds, targets = rng.permutation(200) % 5, as_targets(classes)
    rooted = RootProbe(RootProbeConfig()).fit(x, targets, folds, rng).out_of_fold
    plain = LinearProbe(LinearProbeConfig()).fit(x, targets, folds, rng).out_of_fold
    ones = np.ones(200)
    assert mean_held_out_loss(targets, rooted, ones) < 0.9 * mean_held_out_loss(targets, plain, ones)


def test_a_negative_number_of_roots_is_refused():
    with pytest.raises(ConfigError, match="0 or more"):
        RootProbeConfig.parse({"roots": [1, -1]}, "method root_probe")


def test_a_loss_of_rows_that_were_never_held_out_is_none():
    assert mean_held_out_loss(as_targets([0, 1]), np.full((2, 2), np.nan), np.ones(2)) is None
    outputs = np.array([[0.0, 0.0], [np.nan, np.nan]])
    assert mean_held_out_loss(as_targets([0, 1]), outputs, np.ones(2)) == pytest.approx(np.log(2))
