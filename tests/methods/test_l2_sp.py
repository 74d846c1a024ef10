from __future__ import annotations

import pytest
import torch

from headstart.methods.l2_sp import L2Sp, L2SpConfig
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import a_batch, prepared


def started(alpha=0.4, beta=0.02, boundary=0):
    method = L2Sp(L2SpConfig(alpha=alpha, beta=beta))
    return method, prepared(method, boundary)[0]


def test_at_the_start_only_the_head_costs():
    method, model = started()
    squares = sum(value**2 for value in model.head.weight.flatten().tolist())
    assert method.penalty(model).item() == pytest.approx(0.01 * squares)
    assert started(beta=0.0)[0].penalty(model).item() == 0


def test_a_known_move_costs_what_it_should():
    method, model = started(beta=0.0)
    network = model.backbone.network
    with torch.no_grad():
        network.fc.weight[0, 0] += 2
        network.fc.weight[1, 2] -= 1
        network.ln.bias[3] += 3
    assert method.penalty(model).item() == pytest.approx(0.2 * (4 + 1 + 9), rel=1e-5)


def test_a_known_head_costs_what_it_should():
    method, model = started()
    with torch.no_grad():
        model.head.weight.fill_(2.0)
        model.head.bias.fill_(100.0)
    assert method.penalty(model).item() == pytest.approx(0.01 * 12 * 4)


def test_frozen_stages_are_not_anchored():
    method, model = started(beta=0.0, boundary=3)
    with torch.no_grad():
        model.backbone.network.fc.weight += 1
    assert method.penalty(model).item() == 0


def test_the_gradient_points_away_from_the_start():
    method, model = started()
    with torch.no_grad():
        model.backbone.network.fc.weight[0, 0] += 2
    method.penalty(model).backward()
    expected = torch.zeros(5, 6)
    expected[0, 0] = 0.4 * 2
    assert torch.allclose(model.backbone.network.fc.weight.grad, expected, atol=1e-6)
    assert torch.allclose(model.head.weight.grad, 0.02 * model.head.weight)


def test_a_step_adds_the_penalty_to_the_loss():
    method, model = started()
    found = method.step(model, a_batch(), TaskObjective("class", 3), 0)
    assert found.total.item() == pytest.approx(found.parts["loss"].item() + found.parts["l2_sp"].item())
    assert found.parts["l2_sp"].item() == pytest.approx(method.penalty(model).item())
