from __future__ import annotations

import pytest
import torch

from headstart.methods.bss import Bss, BssConfig, smallest_squares
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import a_batch, prepared


def drawn(rows, columns, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("rows", "columns"), [(4, 9), (9, 4), (5, 5)])
@pytest.mark.parametrize("count", [1, 3])
def test_penalty_is_the_smallest_singular_values_squared(rows, columns, count):
    features = drawn(rows, columns)
    expected = torch.linalg.svdvals(features.double())[-count:].square().sum()
    assert smallest_squares(features, count).item() == pytest.approx(expected.item(), rel=1e-3, abs=1e-4)


def test_penalty_of_a_diagonal_by_hand():
    assert smallest_squares(torch.diag(torch.tensor([3.0, 1.0, 2.0])), 2).item() == pytest.approx(5.0)


def test_more_values_than_there_are_count_all():
    features = drawn(3, 7)
    assert smallest_squares(features, 99).item() == pytest.approx(features.square().sum().item(), rel=1e-4)


@pytest.mark.parametrize("features", [drawn(4, 9), drawn(9, 4), torch.ones(4, 9), torch.zeros(4, 9)])
def test_gradient_is_finite_even_where_values_repeat(features):
    features = features.clone().requires_grad_()
    smallest_squares(features, 2).backward()
    assert features.grad.isfinite().all()


def test_gradient_shrinks_the_smallest_direction():
    features = torch.diag(torch.tensor([3.0, 1.0, 2.0])).requires_grad_()
    smallest_squares(features, 1).backward()
    expected = torch.zeros(3, 3)
    expected[1, 1] = 2.0
    assert torch.allclose(features.grad, expected, atol=1e-5)


def test_a_step_adds_the_weighted_penalty():
    method = Bss(BssConfig(eta=0.5, smallest=2))
    model, _ = prepared(method)
    batch, objective = a_batch(), TaskObjective("class", 3)
    found = method.step(model, batch, objective, 0)
    loss, penalty = objective(model(batch), batch), 0.5 * smallest_squares(model.features(batch), 2)
    assert found.total.item() == pytest.approx((loss + penalty).item())
    assert found.parts["bss"].item() == pytest.approx(penalty.item())


def test_penalty_is_computed_in_full_precision_where_steps_are_not():
    turn, other = (torch.linalg.qr(drawn(32, 32, seed))[0] for seed in (1, 2))
    features = (turn * torch.logspace(2, -1, 32)) @ other
    with torch.autocast("cpu", torch.bfloat16):
        found = smallest_squares(features, 1)
    assert found.item() == pytest.approx(0.01, rel=0.2)
