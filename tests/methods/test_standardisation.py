from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.methods import standardisation
from headstart.methods.standardisation import moments, reciprocal_spread, standardise


def test_moments_of_three_numbers_by_hand():
    # 1, 3, 8 with weights 1, 1, 2: mean (1 + 3 + 16) / 4 = 5, variance (16 + 4 + 2 * 9) / 4 = 9.5
    mean, spread = moments(torch.tensor([[1.0], [3.0], [8.0]]), torch.tensor([[1.0, 1.0, 2.0]], dtype=torch.float64))
    assert mean.item() == 5 and spread.item() == pytest.approx(9.5**0.5)


def test_chunks_change_nothing(monkeypatch):
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((37, 5)).astype(np.float32))
    weights = torch.from_numpy(np.random.default_rng(1).uniform(0, 1, (3, 37)))
    whole = moments(x, weights)
    monkeypatch.setattr(standardisation, "CHUNK", 20)
    for a, b in zip(whole, moments(x, weights), strict=True):
        assert torch.allclose(a, b, rtol=1e-12)
    expected = (x.double() - whole[0][0]) * 2
    assert torch.allclose(standardise(x, whole[0][0], torch.tensor(2.0), torch.float64), expected)


def test_a_large_mean_does_not_swallow_a_small_spread():
    x = np.array([[1e6], [1e6 + 1], [1e6 + 2]], np.float32)
    _, spread = moments(torch.from_numpy(x), torch.ones(1, 3, dtype=torch.float64))
    assert spread.item() == pytest.approx((2 / 3) ** 0.5, rel=1e-12)


def test_a_spread_below_a_millionth_of_the_median_counts_as_constant():
    inverse = reciprocal_spread(torch.tensor([[1.0, 2.0, 0.0, 0.0, 0.0, 0.9e-6, 1.1e-6]], dtype=torch.float64))
    # the spreads above 0 are 1, 2, 0.9e-6 and 1.1e-6; their lower median is 1.1e-6, so neither small one is constant
    assert (inverse[0, 2:5] == 0).all() and inverse[0, 6] == pytest.approx(1 / 1.1e-6)
    inverse = reciprocal_spread(torch.tensor([[1.0, 2.0, 3.0, 0.0, 4e-9]], dtype=torch.float64))
    assert inverse.tolist() == [[1.0, 0.5, pytest.approx(1 / 3), 0.0, 0.0]]


def test_many_dead_features_do_not_hide_a_nearly_dead_one():
    inverse = reciprocal_spread(torch.tensor([[0.0] * 9 + [4e-9, 1.0, 1.0, 1.0]], dtype=torch.float64))
    assert inverse[0].tolist() == [0.0] * 10 + [1.0] * 3


def test_small_spreads_are_raised_to_a_share_of_the_median():
    inverse = reciprocal_spread(torch.tensor([[1.0, 2.0, 3.0, 0.01, 1e-9]], dtype=torch.float64), least=0.5)
    assert inverse.tolist() == [[1.0, 0.5, pytest.approx(1 / 3), 2.0, 0.0]]  # median 1, so 0.01 becomes 0.5


def test_all_features_constant_gives_zeros():
    assert reciprocal_spread(torch.zeros(2, 3, dtype=torch.float64), 0.1).tolist() == [[0.0] * 3] * 2
