"""Cosines by hand, and what counts as deviating."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import BackendError
from headstart.runtimes.parity import LIMITS, compare, require_parity


def test_cosine_of_3_4_and_4_3_is_24_of_25():
    parity = compare(np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]]))
    assert parity.smallest_cosine == pytest.approx(24 / 25)
    assert parity.largest_difference == 1.0
    assert parity.centred_cosine == 1.0  # one row has no spread to compare


def test_a_common_part_hides_what_centring_shows():
    # Rows (100, x) with x = 1, -1, 1, -1 against x with the sign turned: each row's cosine is (10000 - 1) / 10001,
    # about 0.9998, but after the mean row (100, 0) is gone the cosines are -1.
    reference = np.array([[100.0, 1.0], [100.0, -1.0]] * 2)
    turned = reference * [1.0, -1.0]
    parity = compare(reference, turned)
    assert parity.smallest_cosine == pytest.approx(9999 / 10001)
    assert parity.centred_cosine == pytest.approx(-1.0)
    with pytest.raises(BackendError, match="after centring; got 0.999800 and -1.0000"):
        require_parity(reference, turned, "bfloat16")


@pytest.mark.parametrize("shape", [(1, 4), (5, 4), (4, 2, 3, 3)])
def test_a_copy_is_exact_in_every_precision(shape):
    values = np.random.default_rng(0).normal(size=shape)
    for precision in LIMITS:
        parity = require_parity(values, values.copy(), precision)
        assert parity.smallest_cosine == pytest.approx(1.0) and parity.largest_difference == 0.0


def test_zero_rows_equal_each_other_and_nothing_else():
    assert compare(np.zeros((2, 3)), np.zeros((2, 3))).smallest_cosine == 1.0
    assert compare(np.zeros((1, 2)), np.ones((1, 2))).smallest_cosine == 0.0


def test_other_shapes_and_values_that_are_not_finite_are_refused():
    with pytest.raises(BackendError, match=r"shape \(1, 2\); got \(1, 3\)"):
        compare(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(BackendError, match="must be finite"):
        compare(np.zeros((1, 2)), np.array([[0.0, np.nan]]))


def test_noise_of_bfloat16_passes_as_bfloat16_and_not_as_float32():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(8, 200))
    noisy = values * (1 + rng.normal(scale=2**-8, size=values.shape))  # 8 bits of mantissa
    require_parity(values, noisy, "bfloat16")
    with pytest.raises(BackendError, match="float32"):
        require_parity(values, noisy, "float32")
