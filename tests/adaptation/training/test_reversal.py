from __future__ import annotations

import math

import pytest
import torch

from headstart.adaptation.training.reversal import ramp, reversed_gradient


def test_values_stay_and_the_gradient_comes_back_times_minus_the_strength():
    # d/dx of 3 x is 3; reversed at strength 0.5 it is -1.5
    leaf = torch.tensor([1.0, -2.0], requires_grad=True)
    same = reversed_gradient(leaf, 0.5)
    assert torch.equal(same, leaf)
    (3 * same).sum().backward()
    assert leaf.grad.tolist() == [-1.5, -1.5]


def test_another_way_from_the_same_tensor_keeps_its_own_gradient():
    # x goes once reversed (-2 x) and once as it is (x): -2 + 1
    leaf = torch.tensor([4.0], requires_grad=True)
    (2 * reversed_gradient(leaf, 1.0) + leaf).sum().backward()
    assert leaf.grad.item() == -1.0


def test_without_a_gradient_it_is_the_tensor():
    plain = torch.ones(3)
    assert torch.equal(reversed_gradient(plain, 1.0), plain)


def test_the_ramp_is_that_of_the_paper():
    assert ramp(0.0) == 0.0 and ramp(1.0) == pytest.approx(0.99991, abs=1e-5)
    assert ramp(0.25) == pytest.approx(2 / (1 + math.exp(-2.5)) - 1)
    assert all(ramp(step / 10) < ramp((step + 1) / 10) for step in range(10))
