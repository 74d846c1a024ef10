from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import log_loss

from headstart.evaluation.sigmoid import binary_log_loss, sigmoid


def test_probabilities_and_losses_by_hand():
    assert sigmoid(np.array([0.0, math.log(3)])) == pytest.approx([0.5, 0.75])
    assert binary_log_loss(np.array([1, 0]), np.array([math.log(3)] * 2)) == pytest.approx(
        [math.log(4 / 3), math.log(4)]
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_equal_scikit_learn(dtype):
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=200).astype(dtype), rng.integers(2, size=200)
    assert binary_log_loss(y, z).mean() == pytest.approx(log_loss(y, sigmoid(z)), rel=1e-6)


def test_small_types_are_widened_before_anything_is_computed():
    z, y = np.linspace(-9, 9, 50).astype(np.float32), np.arange(50) % 2
    assert np.array_equal(sigmoid(z), sigmoid(z.astype(np.float64)))
    assert np.array_equal(binary_log_loss(y, z), binary_log_loss(y, z.astype(np.float64)))


def test_huge_logits_give_finite_losses():
    assert binary_log_loss(np.array([0, 1]), np.array([1e300, 1e300])).tolist() == [1e300, 0.0]
