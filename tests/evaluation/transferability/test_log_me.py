from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from evaluation.transferability.helpers_transferability import as_targets, made, rotation, score
from headstart.core.learning import Targets
from headstart.evaluation.transferability.log_me import log_evidences


def dense_evidence(x, y, log_alpha, log_beta):
    covariance = np.eye(len(y)) / np.exp(log_beta) + x @ x.T / np.exp(log_alpha)
    return multivariate_normal(np.zeros(len(y)), covariance).logpdf(y) / len(y)


def best_dense_evidence(x, y):
    """Over both precisions, by a search without derivatives from several starts."""
    starts = [(a, b) for a in (-3.0, 0.0, 3.0) for b in (-2.0, 2.0)]
    found = [
        minimize(
            lambda p: -dense_evidence(x, y, *p),
            start,
            method="Nelder-Mead",
            bounds=[(-30, 30), (-30, 30)],  # where N targets are met exactly, the noise's precision grows forever
            options={"xatol": 1e-7, "fatol": 1e-11},
        ).fun
        for start in starts
    ]
    return -min(found)


def test_one_direction_by_hand():
    # F = (2, 0)': y_1 has variance 1/beta + 4/alpha and y_2 has 1/beta. For y = (3, 1) the best are 9 and 1, so
    # log density = -(log 9 + 1)/2 - (log 1 + 1)/2 - log(2 pi), and half of it per example.
    expected = (-(np.log(9) + 1) / 2 - 1 / 2 - np.log(2 * np.pi)) / 2
    assert log_evidences(np.array([[2.0], [0.0]]), np.array([[3.0], [1.0]]))[0] == pytest.approx(expected, abs=1e-9)


def test_a_target_outside_the_features_gets_the_evidence_of_noise_alone():
    # F = (2, 0)', y = (0, 1): no weight helps; noise of the variance 1/2 gives -(1 + log(2 pi / 2)) / 2 per example
    value = log_evidences(np.array([[2.0], [0.0]]), np.array([[0.0], [1.0]]))[0]
    assert value == pytest.approx(-(1 + np.log(np.pi)) / 2)


@pytest.mark.parametrize(("n", "d"), [(25, 4), (15, 15), (12, 30)])
def test_it_is_the_largest_density_over_both_precisions(n, d):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, d))
    y = np.stack([x @ rng.normal(size=d) + rng.normal(size=n), x[:, 0] + 2 * rng.normal(size=n)], axis=1)
    values = log_evidences(x, y, iterations=5000, tolerance=1e-10)
    assert values == pytest.approx([best_dense_evidence(x, column) for column in y.T], abs=1e-6)


def test_the_default_tolerance_is_close_enough():
    x, y = made(200, 20, 4)
    targets = (y[:, None] == np.arange(4)).astype(float)
    assert log_evidences(x, targets) == pytest.approx(log_evidences(x, targets, 5000, 1e-12), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.floats(1e-4, 1e4))
def test_rotating_scaling_and_reordering_change_nothing(seed, scale):
    x, y = made(40, 5, seed=seed)
    order = np.random.default_rng(seed).permutation(40)
    value = score("log_me", x, as_targets(y))
    assert score("log_me", scale * x @ rotation(5), as_targets(y)) == pytest.approx(value, rel=1e-6)
    assert score("log_me", x[order], as_targets(y[order])) == pytest.approx(value, rel=1e-6)
    assert score("log_me", x, as_targets((y + 1) % 3)) == pytest.approx(value, rel=1e-6)


def test_a_dimension_of_zeros_changes_nothing_with_more_dimensions_than_rows_either():
    for d in (5, 60):
        x, y = made(40, d)
        wide = np.hstack([x, np.zeros((40, 50))])
        assert score("log_me", wide, as_targets(y)) == pytest.approx(score("log_me", x, as_targets(y)), rel=1e-9)


def test_a_target_times_c_loses_log_c():
    x, _ = made(30, 4)
    y = x @ np.arange(4.0)[:, None] + np.random.default_rng(0).normal(size=(30, 1))
    assert log_evidences(x, 7 * y) == pytest.approx(log_evidences(x, y) - np.log(7))
    met = x[:, :1]  # a perfect fit, up to rounding
    assert log_evidences(x, 1000 * met) == pytest.approx(log_evidences(x, met) - np.log(1000))


def test_one_decomposition_serves_targets_as_if_each_came_alone():
    x, y = made(50, 8, 5)
    targets = (y[:, None] == np.arange(5)).astype(float)
    alone = [log_evidences(x, targets[:, [k]])[0] for k in range(5)]
    assert log_evidences(x, targets) == pytest.approx(alone, rel=1e-12)
    assert score("log_me", x, as_targets(y)) == pytest.approx(np.mean(alone))


def test_both_settings_reach_the_iteration():
    x, y = made(50, 8, 3, apart=0.3)
    targets = (y[:, None] == np.arange(3)).astype(float)
    for iterations, tolerance in ((1, 1e-4), (100, 5.0)):
        value = score("log_me", x, as_targets(y), iterations=iterations, tolerance=tolerance)
        assert value == pytest.approx(log_evidences(x, targets, iterations, tolerance).mean(), rel=1e-12)
        assert value != pytest.approx(log_evidences(x, targets).mean(), rel=1e-12)


def test_numbers_have_neither_unit_nor_zero():
    x, _ = made(60, 4)
    y = x[:, 0] + np.random.default_rng(0).normal(size=60)
    value = score("log_me", x, Targets(y, "real", 1))
    standardised = ((y - y.mean()) / y.std())[:, None]
    assert value == pytest.approx(log_evidences(x, standardised)[0])
    assert score("log_me", x, Targets(1000 + 5 * y, "real", 1)) == pytest.approx(value)
    assert score("log_me", x[::-1], Targets(y, "real", 1)) < value


def test_labels_are_scored_as_classes_are_and_a_constant_label_is_left_out():
    x, y = made(60, 4)
    labels = (y[:, None] == np.arange(3)).astype(float)
    value = score("log_me", x, as_targets(y))
    assert score("log_me", x, Targets(labels, "multilabel", 3)) == pytest.approx(value)
    for constant in (0.0, 1.0):
        padded = np.hstack([labels, np.full((60, 1), constant)])
        assert score("log_me", x, Targets(padded, "multilabel", 4)) == pytest.approx(value)


def test_a_perfect_fit_is_finite_and_beats_all_others():
    x, y = made(60, 4)
    perfect = np.hstack([x, (y[:, None] == np.arange(3))])
    assert score("log_me", x, as_targets(y)) < score("log_me", perfect, as_targets(y)) < 20


def test_features_of_zeros_get_the_evidence_of_noise_alone():
    # each class holds a third of the rows: -(1 + log(2 pi / 3)) / 2
    value = score("log_me", np.zeros((30, 4)), as_targets(np.arange(30) % 3))
    assert value == pytest.approx(-(1 + np.log(2 * np.pi / 3)) / 2)
