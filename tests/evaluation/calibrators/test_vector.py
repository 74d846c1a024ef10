from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from evaluation.calibrators.helpers_calibrators import built, made, made_labels
from headstart.evaluation.calibrators.contract import log_losses
from headstart.evaluation.calibrators.vector import LEAST
from headstart.evaluation.softmax import softmax


def test_it_is_where_a_search_without_slopes_ends():
    targets, outputs = made(60, too_sharp=2.0)
    factor = 1 / built("temperature").fit(targets, outputs)["temperature"][0]
    z = (outputs - outputs.mean(axis=1, keepdims=True)) * factor

    def objective(x):
        prior = (((x[:3] - 1) ** 2).sum() + (x[3:] ** 2).sum()) / (2 * 0.2**2)
        return log_losses(targets, z * x[:3] + x[3:]).mean() + prior / 60

    slow = minimize(
        objective, np.array([1.0] * 3 + [0.0] * 3), method="Powell", options={"xtol": 1e-8, "ftol": 1e-14}
    ).x
    arrays = built("vector").fit(targets, outputs)
    assert np.allclose(arrays["scale"] / factor, slow[:3], atol=2e-3) and np.allclose(
        arrays["shift"], slow[3:], atol=2e-3
    )


@pytest.mark.parametrize("make", [made, made_labels])
def test_a_narrow_prior_is_temperature_scaling(make):
    targets, outputs = make(60, too_sharp=3.0)
    narrow = built("vector", spread=1e-4)
    plain = built("temperature")
    after = narrow.apply(narrow.fit(targets, outputs), outputs, targets.kind)
    assert np.allclose(after, plain.apply(plain.fit(targets, outputs), outputs, targets.kind), atol=1e-3)


@pytest.mark.parametrize(("n", "most"), [(30, 0.06), (100, 0.04)])
def test_few_rows_that_one_temperature_serves_lose_next_to_nothing(n, most):
    new, new_outputs = made(3000, 10, too_sharp=2.0, seed=99)
    behind = []
    for seed in range(8):
        targets, outputs = made(n, 10, too_sharp=2.0, seed=seed)
        losses = [
            log_losses(new, each.apply(each.fit(targets, outputs), new_outputs, "class")).mean()
            for each in (built("vector"), built("temperature"))
        ]
        behind.append(losses[0] - losses[1])
    assert np.mean(behind) < most


def test_many_rows_take_back_shifts_of_single_classes():
    shift = np.array([1.5, 0.0, -1.5])
    targets, outputs = made(5000, too_sharp=1.0)
    arrays = built("vector").fit(targets, outputs + shift)
    after = softmax(built("vector").apply(arrays, outputs + shift, "class"))
    assert np.abs(after - softmax(outputs)).mean() < 0.02


def test_a_class_whose_logit_points_the_wrong_way_keeps_its_order():
    targets, outputs = made(400)
    turned = outputs * np.array([1.0, 1.0, -1.0])
    arrays = built("vector", spread=50.0).fit(targets, turned)
    factor = 1 / built("temperature").fit(targets, turned)["temperature"][0]
    assert (arrays["scale"] >= LEAST * factor * (1 - 1e-9)).all() and (arrays["scale"] > 0).all()
