import numpy as np
import pytest
from scipy.special import log_softmax as reference

from headstart.evaluation.softmax import log_softmax, softmax


def test_two_equal_logits_share_the_probability():
    assert softmax(np.array([[3.0, 3.0]])).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1.0, 1e4, 1e30])
def test_it_equals_scipy_and_stays_finite(dtype, size):
    z = (np.random.default_rng(0).normal(size=(20, 7)) * size).astype(dtype)
    assert np.allclose(log_softmax(z), reference(z.astype(np.float64), axis=1))
    assert np.isfinite(log_softmax(z)).all()
    assert np.allclose(softmax(z).sum(axis=1), 1)


def test_small_types_are_widened_before_anything_is_computed():
    z = np.random.default_rng(0).normal(size=(20, 7)).astype(np.float32)
    assert np.array_equal(log_softmax(z), log_softmax(z.astype(np.float64)))


def test_a_constant_added_to_a_row_changes_nothing():
    z = np.random.default_rng(0).normal(size=(5, 3))
    assert np.allclose(softmax(z), softmax(z + np.arange(5)[:, None] * 100))
