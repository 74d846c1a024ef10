"""A reader solved again: what the others can say they say."""

from __future__ import annotations

import numpy as np
import torch

from headstart.compression.pruning.recovery import solved_again

TINY = 1e-9


def test_a_channel_that_repeats_another_is_replaced_by_it():
    """x2 = 2 x1, y = 3 x1 + x2 = 5 x1: without x2 the weight of x1 is 5."""
    x1 = torch.arange(1.0, 5)
    inputs, kept = torch.stack([x1, 2 * x1], 1), torch.tensor([True, False])
    found = solved_again(inputs, 5 * x1[:, None], kept, torch.tensor([[3.0, 1.0]]), TINY)
    np.testing.assert_allclose(found, [[5, 0]], atol=1e-5)


def test_it_is_least_squares_pulled_to_the_weights_that_were_there():
    generator = torch.Generator().manual_seed(0)
    inputs, weight = torch.randn(50, 6, generator=generator), torch.randn(3, 6, generator=generator)
    wanted, kept = inputs @ weight.T, torch.tensor([1, 1, 0, 1, 0, 1], dtype=torch.bool)
    x, start = inputs[:, kept].double().numpy(), weight[:, kept].double().numpy()
    penalty = 0.5 * np.mean((x**2).sum(0))
    stacked = np.vstack([x, np.sqrt(penalty) * np.eye(4)])
    targets = np.vstack([wanted.double().numpy(), np.sqrt(penalty) * start.T])
    expected = np.linalg.lstsq(stacked, targets, rcond=None)[0].T
    found = solved_again(inputs, wanted, kept, weight, 0.5)
    np.testing.assert_allclose(found[:, kept], expected, atol=1e-5)
    assert not found[:, ~kept].any()
    torch.testing.assert_close(solved_again(inputs, wanted, kept, weight, 1e9)[:, kept], weight[:, kept])


def test_inputs_that_are_all_alike_or_zero_give_finite_weights():
    kept = torch.tensor([True, True, False])
    for inputs in (torch.zeros(5, 3), torch.ones(5, 3)):
        assert solved_again(inputs, torch.ones(5, 2), kept, torch.ones(2, 3)).isfinite().all()
