"""Weights within the span of the rows that taught them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.core.learning import Targets
from headstart.methods.fixed_penalty import out_of_fold_at_penalty
from headstart.methods.inputs import as_tensor
from headstart.methods.logistic_problems import Coefficients, Problems
from headstart.methods.logistic_regression import solve
from headstart.methods.probe_logistic import logistic_targets
from headstart.methods.seen_part import seen_part

ROWS, FEATURES = 30, 200


def problems_of(rows=ROWS, features=FEATURES):
    """Two problems, each of which leaves a third of the rows out, and the rows' classes."""
    rng = np.random.default_rng(0)
    truth = np.arange(rows) % 3
    values = (rng.normal(size=(3, features))[truth] + rng.normal(size=(rows, features)) / 2).astype(np.float32)
    targets = Targets(truth, "class", 3)
    training = torch.from_numpy(np.stack([np.arange(rows) % 5 > 1, np.arange(rows) % 7 > 2]).astype(float))
    return Problems.build(as_tensor(values), logistic_targets(targets), training, 0.1), values, targets


def drawn(problems, features):
    generator = torch.Generator().manual_seed(0)
    return Coefficients(torch.randn((2, 3, features), generator=generator), torch.zeros(2, 3))


def test_what_rows_are_told_stays_and_weights_shrink():
    problems, *_ = problems_of()
    before = drawn(problems, FEATURES)
    after = seen_part(problems, before)
    told = [problems.logits(each.weight, each.bias) for each in (before, after)]
    taught = problems.weights > 0
    for number in range(2):
        then, now = (each[number][:, taught[number]] for each in told)
        assert torch.allclose(then, now, atol=1e-3)
        assert not torch.allclose(told[0][number][:, ~taught[number]], told[1][number][:, ~taught[number]], atol=1.0)
    assert (after.weight.norm(dim=(1, 2)) < before.weight.norm(dim=(1, 2))).all()
    assert torch.allclose(seen_part(problems, after).weight, after.weight, atol=1e-4)


def test_the_optimum_lies_there():
    problems, *_ = problems_of()
    found = solve(problems, torch.full((2,), 1.0), problems.zeros(), 1e-12).coefficients
    assert torch.allclose(seen_part(problems, found).weight, found.weight, atol=1e-4)


def test_rows_as_many_as_features_see_everything():
    problems, *_ = problems_of(ROWS, 10)
    before = drawn(problems, 10)
    assert torch.equal(seen_part(problems, before).weight, before.weight)


def test_equal_rows_do_no_harm():
    problems, *_ = problems_of()
    problems.features[1::2] = problems.features[::2]
    assert seen_part(problems, drawn(problems, FEATURES)).weight.isfinite().all()


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_held_out_rows_are_told_right_however_loose_the_descent(penalty):
    _, values, targets = problems_of(90, 600)
    folds, ones = np.arange(90) // 3 % 5, np.ones(90)
    told = out_of_fold_at_penalty(values, targets, folds, ones, penalty, 0.1, 1e-4, only_seen=True)
    assert (told.argmax(1) == targets.values).mean() == 1.0
