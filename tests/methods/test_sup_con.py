from __future__ import annotations

import math

import pytest
import torch

from headstart.methods.sup_con import SupCon, SupConConfig, supervised_contrast
from headstart.methods.training.objective import TaskObjective
from methods.helpers_training import a_batch, prepared


def drawn(rows, columns, seed=0):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


def slow(features, classes, temperature):
    """The formula of the paper, term by term."""
    rows = [row / row.norm() for row in features.double()]
    total, counted = 0.0, 0
    for i, row in enumerate(rows):
        partners = [p for p in range(len(rows)) if p != i and classes[p] == classes[i]]
        if not partners:
            continue
        below = sum(math.exp(float(row @ rows[a]) / temperature) for a in range(len(rows)) if a != i)
        terms = [math.log(math.exp(float(row @ rows[p]) / temperature) / below) for p in partners]
        total -= sum(terms) / len(partners)
        counted += 1
    return total / counted


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_it_is_the_formula_of_the_paper(seed, temperature):
    features = drawn(9, 5, seed)
    classes = torch.randint(0, 4, (9,), generator=torch.Generator().manual_seed(seed))
    assert supervised_contrast(features, classes, temperature).item() == pytest.approx(
        slow(features, classes.tolist(), temperature), rel=1e-4
    )


def test_two_pairs_at_right_angles_by_hand():
    # each example: its partner at cosine 1, two others at 0; -log(e / (e + 1 + 1)) at temperature 1
    features = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]])
    found = supervised_contrast(features, torch.tensor([0, 0, 1, 1]), 1.0)
    assert found.item() == pytest.approx(-math.log(math.e / (math.e + 2)), rel=1e-5)


def test_classes_that_lie_together_cost_less_than_classes_that_are_mixed():
    features = torch.cat([drawn(6, 4) + 5, drawn(6, 4, 1) - 5])
    together, mixed = torch.tensor([0] * 6 + [1] * 6), torch.tensor([0, 1] * 6)
    assert supervised_contrast(features, together, 0.3) < supervised_contrast(features, mixed, 0.3)


def test_without_partners_there_is_nothing_and_a_gradient_of_zero():
    features = drawn(4, 3).requires_grad_()
    found = supervised_contrast(features, torch.arange(4), 0.3)
    found.backward()
    assert found.item() == 0.0 and features.grad.abs().max().item() == 0.0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_features_of_any_precision_cost_what_they_cost_in_float32(dtype):
    # lengths whose squares leave the range of float16, at a temperature where e^(cosine / temperature) leaves float32's
    features = (drawn(9, 5) * torch.logspace(-2, 3, 9)[:, None]).to(dtype).requires_grad_()
    classes = torch.arange(9) % 3
    found = supervised_contrast(features, classes, 0.01)
    found.backward()
    assert found.item() == pytest.approx(supervised_contrast(features.detach().float(), classes, 0.01).item(), rel=1e-6)
    assert features.grad.dtype == dtype and features.grad.isfinite().all()


def test_its_gradient_is_that_of_small_differences():
    classes = torch.tensor([0, 1, 0, 1, 2])
    features, step = drawn(5, 3), 1e-2
    leaf = features.clone().requires_grad_()
    supervised_contrast(leaf, classes, 0.5).backward()
    for row, column in ((0, 0), (1, 2), (4, 1)):
        move = torch.zeros_like(features)
        move[row, column] = step
        up, down = (slow(features + side * move, classes.tolist(), 0.5) for side in (1, -1))
        assert leaf.grad[row, column].item() == pytest.approx((up - down) / (2 * step), abs=2e-3)


@pytest.mark.parametrize("features", [torch.ones(4, 3), torch.zeros(4, 3)])
def test_gradients_are_finite_where_features_are_equal_or_nothing(features):
    features = features.clone().requires_grad_()
    supervised_contrast(features, torch.tensor([0, 0, 1, 1]), 0.3).backward()
    assert features.grad.isfinite().all()


def test_a_step_mixes_both_losses():
    method = SupCon(SupConConfig(share=0.25))
    model, _ = prepared(method)
    batch, objective = a_batch(), TaskObjective("class", 3)
    found = method.step(model, batch, objective, 0)
    contrast = supervised_contrast(model.features(batch), batch.targets, 0.3)
    expected = 0.75 * objective(model(batch), batch) + 0.25 * contrast
    assert found.total.item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(found.parts) == {"loss", "sup_con"}
