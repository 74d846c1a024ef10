"""Units that others can stand in for, beside a slow second version."""

from __future__ import annotations

import numpy as np
import torch

from headstart.compression.pruning.groups import Group
from headstart.compression.pruning.scores.reconstruction import Reconstruction, ReconstructionConfig
from headstart.compression.pruning.seen import Seen

UNITS, OUTPUTS = 6, 3


def seen_of(width, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(200, UNITS * width, generator=generator, dtype=torch.float64)
    inputs = inputs @ torch.randn(UNITS * width, UNITS * width, generator=generator, dtype=torch.float64)
    weight = torch.randn(OUTPUTS, UNITS * width, generator=generator, dtype=torch.float64)
    sensitivity = torch.rand(OUTPUTS, generator=generator, dtype=torch.float64)
    group = Group(0, "reader", ("maker",), UNITS, width, width)
    nothing = torch.ones(UNITS, dtype=torch.float64)
    return inputs, Seen(group, weight, inputs.T @ inputs / 200, sensitivity, nothing, nothing)


def lost_without(inputs, seen, gone):
    """Weighted mean square that least squares leave, all outputs solved from the columns that are left."""
    width = seen.group.columns
    stay = [place for place in range(UNITS * width) if place // width not in gone]
    x, y = inputs.numpy(), inputs.numpy() @ seen.weight.numpy().T
    left = x[:, stay] @ np.linalg.lstsq(x[:, stay], y, rcond=None)[0] if stay else 0 * y
    return float(((y - left) ** 2).mean(0) @ seen.sensitivity.numpy())


def greedy(inputs, seen):
    """Unit after unit, each time all that are left are tried."""
    order, losses = [], []
    while len(order) < UNITS:
        tried = {unit: lost_without(inputs, seen, [*order, unit]) for unit in range(UNITS) if unit not in order}
        order.append(min(tried, key=tried.get))
        losses.append(tried[order[-1]])
    return order, losses


def test_it_is_greedy_least_squares_of_channels_and_of_heads():
    for width in (1, 3):
        inputs, seen = seen_of(width)
        found = Reconstruction(ReconstructionConfig(ridge=1e-12)).eliminate(seen)
        order, losses = greedy(inputs, seen)
        assert found.order.tolist() == order
        np.testing.assert_allclose(found.losses, losses, rtol=1e-5)


def test_a_unit_that_repeats_another_goes_at_no_cost():
    inputs, seen = seen_of(1)
    inputs[:, 4] = 3 * inputs[:, 2]
    seen = Seen(seen.group, seen.weight, inputs.T @ inputs / 200, seen.sensitivity, seen.effects, seen.norms)
    found = Reconstruction(ReconstructionConfig(ridge=1e-9)).eliminate(seen)
    assert found.order[0] in (2, 4) and found.losses[0] < 1e-5 * found.losses[-1]
