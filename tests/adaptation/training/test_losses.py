"""Losses of one term: by hand, against a slow second version in NumPy, and at their edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from headstart.adaptation.training.confusion import class_confusion
from headstart.adaptation.training.consistency import aligned, consistency_loss
from headstart.adaptation.training.correlation import coral_loss
from headstart.adaptation.training.disparity import classifier_discrepancy, margin_disparity
from headstart.adaptation.training.entropy import entropies, information_loss, unevenness
from headstart.adaptation.training.telling_apart import discriminator, domain_loss


def drawn(rows, columns, seed=0, dtype=torch.float64):
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def softmax(outputs):
    raised = np.exp(outputs - outputs.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def as_close(dtype):
    return {"rel": 1e-4, "abs": 1e-6} if dtype == torch.float32 else {"rel": 1e-9}


both = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def test_covariances_by_hand():
    # one feature: variances 2 (rows 0 and 2: deviations -1, 1, divided by 1) and 8; (2 - 8)^2 / 4 = 9
    assert coral_loss(torch.tensor([[0.0], [2.0]]), torch.tensor([[0.0], [4.0]])).item() == pytest.approx(9.0)


@both
def test_covariances_are_those_of_numpy(dtype):
    source, target = drawn(9, 4, 1, dtype), drawn(6, 4, 2, dtype)
    difference = np.cov(source.numpy(), rowvar=False) - np.cov(target.numpy(), rowvar=False)
    expected = (difference**2).sum() / (4 * 4**2)
    assert coral_loss(source, target).item() == pytest.approx(expected, **as_close(dtype))
    assert coral_loss(source, source.flip(0)).item() == pytest.approx(0, abs=1e-9)
    assert coral_loss(source[:1], target[:1]).item() == 0


def test_entropies_by_hand():
    p = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    assert entropies(p).tolist() == pytest.approx([math.log(2), 0.0])
    # the mean is (3/4, 1/4): 3/4 log 3/4 + 1/4 log 1/4
    uneven = 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    assert unevenness(p).item() == pytest.approx(uneven)
    assert information_loss(p).item() == pytest.approx(math.log(2) / 2 + uneven)


def test_information_is_best_where_rows_are_sure_and_classes_even():
    assert information_loss(torch.eye(4)).item() == pytest.approx(-math.log(4))
    one_class = torch.tensor([[1.0, 0, 0]] * 5)
    assert information_loss(one_class).item() == pytest.approx(0, abs=1e-6)
    p = drawn(20, 3).softmax(1)
    assert -math.log(3) < information_loss(p).item() < 0


def slow_confusion(outputs, temperature):
    p = softmax(outputs / temperature)
    weight = np.array([1 + math.exp(sum(x * math.log(x) for x in row)) for row in p])
    weight = len(weight) * weight / weight.sum()
    k = p.shape[1]
    together = np.zeros((k, k))
    for w, row in zip(weight, p, strict=True):
        together += w * np.outer(row, row)
    shares = together / together.sum(1, keepdims=True)
    return sum(shares[a, b] for a in range(k) for b in range(k) if a != b) / k


@both
def test_confusion_is_the_formula_term_by_term(dtype):
    outputs = 3 * drawn(8, 4, 3, dtype)
    expected = slow_confusion(outputs.double().numpy(), 2.5)
    assert class_confusion(outputs).item() == pytest.approx(expected, **as_close(dtype))


def test_confusion_by_hand_and_at_its_ends():
    # one row (3/4, 1/4) at temperature 1: its outer product is ((9, 3), (3, 1)) / 16; rows sum to 12 and 4
    # shares of the other class: 3/12 and 3/4; mean 1/2
    row = torch.tensor([[math.log(3.0), 0.0]])
    assert class_confusion(row, 1.0).item() == pytest.approx(0.5)
    assert class_confusion(100 * torch.eye(3), 1.0).item() == pytest.approx(0, abs=1e-6)
    assert class_confusion(torch.zeros(5, 4)).item() == pytest.approx(0.75)


def test_disparity_by_hand():
    # at home the classifier says class 0, the adversary gives it 3/4: -log 3/4, times the margin 2
    # in the target the classifier says class 1, the adversary gives it 1/4: -log (1 - 1/4)
    home, away = torch.tensor([[5.0, 0.0]]), torch.tensor([[0.0, 5.0]])
    other = torch.tensor([[math.log(3.0), 0.0]])
    expected = -2 * math.log(0.75) - math.log(0.75)
    assert margin_disparity(home, other, away, other, 2.0).item() == pytest.approx(expected)


@both
def test_disparity_is_the_formula_in_numpy(dtype):
    own, other, there, beyond = (drawn(n, 3, s, dtype) for n, s in ((6, 1), (6, 2), (4, 3), (4, 4)))
    at_home = softmax(other.double().numpy())[np.arange(6), own.argmax(1).numpy()]
    away = softmax(beyond.double().numpy())[np.arange(4), there.argmax(1).numpy()]
    expected = -4 * np.log(at_home).mean() - np.log(1 - away).mean()
    assert margin_disparity(own, other, there, beyond, 4.0).item() == pytest.approx(expected, **as_close(dtype))


def test_an_adversary_that_agrees_fully_costs_much_and_not_infinity():
    sure = torch.tensor([[90.0, 0.0]], requires_grad=True)
    found = margin_disparity(sure.detach(), sure, sure.detach(), sure, 1.0)
    found.backward()
    assert 10 < found.item() < 20 and sure.grad.isfinite().all()


def test_discrepancy_by_hand():
    # (3/4, 1/4) and (1/4, 3/4): both entries differ by 1/2
    one = torch.tensor([[math.log(3.0), 0.0]])
    assert classifier_discrepancy(one, one.flip(1)).item() == pytest.approx(0.5)
    assert classifier_discrepancy(one, one + 7).item() == pytest.approx(0, abs=1e-6)
    assert classifier_discrepancy(100 * torch.eye(4), 100 * torch.eye(4).flip(1)).item() == pytest.approx(2 / 4)


def test_domains_that_cannot_be_told_apart_cost_log_2():
    assert domain_loss(torch.zeros(3, 1), torch.zeros(5, 1)).item() == pytest.approx(math.log(2))


def test_domain_loss_by_hand():
    # the source at logit log 3: probability 3/4, -log 3/4; the target there: -log 1/4; the mean of both
    logit = torch.tensor([[math.log(3.0)]])
    assert domain_loss(logit, logit).item() == pytest.approx(-(math.log(0.75) + math.log(0.25)) / 2)
    weights = (torch.tensor([2.0, 0.0]), torch.tensor([1.0]))
    two = torch.tensor([[math.log(3.0)], [9.0]])
    assert domain_loss(two, logit, weights).item() == pytest.approx(-(math.log(0.75) + math.log(0.25)) / 2)


def test_a_discriminator_does_not_depend_on_the_scale_of_the_features():
    network, rows = discriminator(6, 8), drawn(4, 6, 0, torch.float32)
    assert torch.allclose(network(rows), network(1000 * rows), atol=1e-4)


def test_shares_of_classes_are_aligned_by_hand():
    # both rows are mostly class 0 (mean 0.8, 0.2); asked for halves: times (0.625, 2.5), then of sum 1
    said = torch.tensor([[0.9, 0.1], [0.7, 0.3]])
    found = aligned(said, torch.tensor([0.5, 0.5]))
    first = 0.9 * 0.625 / (0.9 * 0.625 + 0.1 * 2.5)
    assert found[0].tolist() == pytest.approx([first, 1 - first])
    assert torch.allclose(aligned(said, said.mean(0)), said)


def test_rows_that_are_not_sure_count_nothing_by_hand():
    # sure of class 0, the logits give it 3/4; the second row is below the threshold; mean over both
    said = torch.tensor([[0.95, 0.05], [0.6, 0.4]])
    outputs = torch.tensor([[math.log(3.0), 0.0], [0.0, 9.0]])
    assert consistency_loss(outputs, said, 0.9).item() == pytest.approx(-math.log(0.75) / 2)
    assert consistency_loss(outputs, said, 0.99).item() == 0


@pytest.mark.parametrize("scale", [0.0, 1e3])
def test_gradients_are_finite_at_the_edges(scale):
    outputs = (scale * drawn(4, 3, 0, torch.float32)).requires_grad_()
    p = outputs.softmax(1)
    total = class_confusion(outputs) + information_loss(p) + coral_loss(outputs, outputs.flip(0) + 1)
    (total + margin_disparity(outputs.detach(), outputs, outputs.detach(), outputs, 4.0)).backward()
    assert outputs.grad.isfinite().all()
