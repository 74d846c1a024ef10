"""Deep CORAL: how large a head's outputs are does not say how much the alignment weighs."""

import pytest
import torch

from headstart.adaptation.trainers.deep_coral import PLUGIN
from headstart.adaptation.training.base import Seen

NARROW, WIDE = torch.tensor([[-1.0], [1.0]]), torch.tensor([[-2.0], [2.0]])


def aligned(source, target):
    features = torch.zeros(2, 3)
    return PLUGIN.build(PLUGIN.config()).alignment(None, Seen(features, source, features, target))


def test_outputs_twice_as_wide_are_at_a_distance_of_9_whatever_the_scale():
    # the source spreads by 1, its covariance is (1 + 1) / 1 = 2, that of the target 8: (2 - 8)^2 / 4
    for scale in (1.0, 30.0, 1e-3):
        assert aligned(scale * NARROW, scale * WIDE).item() == pytest.approx(9.0, rel=1e-5)


def test_the_unit_is_a_constant_and_equal_outputs_stay_finite():
    source = NARROW.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(aligned(source, WIDE), source)
    # d/ds (c - 8)^2 / 4 with c = (s1^2 + s2^2) - (s1 + s2)^2 / 2: (c - 8) / 2 * 2 s, so -6 s
    torch.testing.assert_close(gradient, -6 * NARROW)
    assert aligned(torch.ones(2, 1), torch.ones(2, 1)).item() == 0.0
