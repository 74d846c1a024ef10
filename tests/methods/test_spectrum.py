from __future__ import annotations

import numpy as np
import pytest
import torch

from headstart.methods.spectrum import leading_spectrum


def test_leading_directions_equal_the_full_decomposition():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 40)) * 2.0 ** -np.arange(40)
    spectrum = leading_spectrum(torch.from_numpy(x), float((x**2).sum()), 5)
    values, vectors = np.linalg.eigh(x.T @ x / 200)
    assert spectrum.values.numpy() == pytest.approx(values[-5:], rel=1e-6)
    assert np.abs((spectrum.directions.numpy() * vectors[:, -5:]).sum(0)) == pytest.approx(1, abs=1e-5)
    assert spectrum.rest == pytest.approx(values[:-5].sum() / 35, rel=1e-6)
    assert spectrum.mean == pytest.approx(values.mean(), rel=1e-6)


@pytest.mark.parametrize("shape", [(3, 10), (10, 3), (1, 1)])
def test_fewer_directions_than_asked_for_where_there_are_no_more(shape):
    x = torch.from_numpy(np.random.default_rng(0).standard_normal(shape))
    spectrum = leading_spectrum(x, float((x**2).sum()), 64)
    assert spectrum.directions.shape == (shape[1], min(shape))
    assert spectrum.rest == pytest.approx(0, abs=1e-12)


def test_features_of_zeros_stay_finite():
    spectrum = leading_spectrum(torch.zeros(5, 4), 0.0, 2)
    assert torch.isfinite(spectrum.directions).all() and spectrum.values.tolist() == [0.0, 0.0] and spectrum.mean == 0
