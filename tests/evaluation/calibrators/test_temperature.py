from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from evaluation.calibrators.helpers_calibrators import built, made, made_labels
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.contract import log_losses


def factor_of(targets, outputs, weights=None):
    return 1 / built("temperature").fit(targets, outputs, weights)["temperature"][0]


def test_two_classes_by_hand():
    # Ten rows with logits (0, 1): 8 are of class 1, 2 of class 0. The loss is 0.8 log(1 + e^-s) + 0.2 log(1 + e^s), its
    # slope p(s) - 0.8 with p = 1 / (1 + e^-s); with the prior p(s) - 0.8 + (1 - 1/s) / 10 = 0.
    targets = Targets(np.array([1] * 8 + [0] * 2), "class", 2)
    s = factor_of(targets, np.tile([0.0, 1.0], (10, 1)))
    assert 1 / (1 + np.exp(-s)) - 0.8 + (1 - 1 / s) / 10 == pytest.approx(0, abs=1e-8)
    assert 1 < s < np.log(4)  # without the prior log 4


def objective(targets, outputs, factor):
    return log_losses(targets, outputs * factor).mean() + (factor - 1 - np.log(factor)) / len(targets)


@pytest.mark.parametrize("make", [made, made_labels])
@pytest.mark.parametrize("too_sharp", [0.3, 1.0, 4.0])
def test_it_is_where_a_search_without_slopes_ends(make, too_sharp):
    targets, outputs = make(80, too_sharp=too_sharp)
    found = minimize_scalar(
        lambda u: objective(targets, outputs, np.exp(u)), bounds=(-4, 4), method="bounded", options={"xatol": 1e-9}
    )
    assert np.log(factor_of(targets, outputs)) == pytest.approx(found.x, abs=1e-4)


@pytest.mark.parametrize("make", [made, made_labels])
@pytest.mark.parametrize("too_sharp", [0.25, 1.0, 4.0])
def test_many_rows_find_the_number_that_logits_were_multiplied_by(make, too_sharp):
    targets, outputs = make(20_000, too_sharp=too_sharp)
    assert factor_of(targets, outputs) == pytest.approx(1 / too_sharp, rel=0.04)


def test_rows_that_are_all_right_do_not_make_it_sure_without_end():
    # slope: -m e^(-s m) / (1 + e^(-s m)) + (1 - 1/s) / n; about s = log(n m) / m where m is large
    targets = Targets(np.zeros(50, np.int64), "class", 2)
    p = 1 / (1 + np.exp(-4 * factor_of(targets, np.tile([4.0, 0.0], (50, 1)))))
    assert 1 - 3 / 50 < p < 1 - 1 / 5000


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5), st.floats(0.05, 20))
def test_the_order_of_a_rows_classes_never_changes(seed, k, sharp):
    targets, outputs = made(20, k, sharp, seed)
    after = built("temperature").apply(built("temperature").fit(targets, outputs), outputs, "class")
    assert np.array_equal(np.argsort(after, axis=1), np.argsort(outputs, axis=1))
