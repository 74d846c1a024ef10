"""As much of group DRO as everyone can pay for."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core import plugins
from headstart.mitigation.budgeted_dro import affordable
from mitigation.helpers_mitigation import PROBE, given, worst_accuracy

PLUGIN = plugins.load("mitigation", "budgeted_dro")


def fit(rows, **settings):
    return PLUGIN.build(PLUGIN.config(**settings)).fit(rows, PROBE, np.random.default_rng(0))


def mean_accuracy(outputs, rows):
    return (outputs.argmax(axis=1) == rows.targets.values).mean()


@pytest.fixture(scope="module")
def rows():
    return given(400)


@pytest.fixture(scope="module")
def plain(rows):
    return PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0), rows.weights)


@pytest.mark.parametrize("most_cost", [0.0, 0.01, 0.05])
def test_held_out_accuracy_falls_by_no_more_than_the_budget(rows, plain, most_cost):
    found = fit(rows, most_cost=most_cost)
    lost = mean_accuracy(plain.out_of_fold, rows) - mean_accuracy(found.out_of_fold, rows)
    assert lost <= most_cost + 1e-9
    assert 0 <= found.report["mitigation"]["share"] <= 1


def test_a_larger_budget_never_leaves_the_worst_cell_with_more_loss(rows, plain):
    told = [fit(rows, most_cost=cost).report["mitigation"] for cost in (0.0, 0.02, 1.0)]
    losses = [min(step["worst_log_loss"] for step in each["path"]) for each in told]
    assert losses == sorted(losses, reverse=True) and losses[0] > losses[-1]
    arguments = rows.targets.values, rows.groups
    free = fit(rows, most_cost=1.0).out_of_fold.argmax(axis=1) == rows.targets.values
    before = plain.out_of_fold.argmax(axis=1) == rows.targets.values
    assert worst_accuracy(free, *arguments) > worst_accuracy(before, *arguments)


def test_half_the_strength_is_half_the_budget(rows):
    assert fit(rows, strength=0.5, most_cost=0.02).fitted.arrays["weight"].tolist() == (
        fit(rows, most_cost=0.01).fitted.arrays["weight"].tolist()
    )


def test_the_model_is_the_mean_that_its_held_out_outputs_are_of(rows, plain):
    whole = plugins.load("mitigation", "group_dro")
    dro = whole.build(whole.config()).fit(rows, PROBE, np.random.default_rng(0))
    found = fit(rows, most_cost=1.0)
    share = found.report["mitigation"]["share"]
    for name in ("weight", "bias"):
        mixed = (1 - share) * plain.fitted.arrays[name] + share * dro.fitted.arrays[name]
        assert found.fitted.arrays[name] == pytest.approx(mixed, abs=1e-5)
    assert found.out_of_fold == pytest.approx((1 - share) * plain.out_of_fold + share * dro.out_of_fold)


def test_a_weighted_row_counts_by_its_weight():
    plain, other, truth = np.eye(2)[[0, 1, 1]], np.eye(2)[[0, 1, 0]], np.array([0, 1, 1])
    # one of three rows is lost: a third of the rows, a tenth of the weight
    assert not affordable(other, plain, truth, np.ones(3), 0.2)
    assert affordable(other, plain, truth, np.array([4.5, 4.5, 1.0]), 0.2)
