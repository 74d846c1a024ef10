import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted
from headstart.methods.linear import linear_outputs

RNG = np.random.default_rng(0)
FITTED = Fitted(
    {"weight": RNG.normal(size=(10, 1280)).astype(np.float32), "bias": RNG.normal(size=10).astype(np.float32)},
    {"method": "linear_probe", "form": "linear"},
)
FEATURES = RNG.normal(size=(150, 1280)).astype(np.float32)


def test_logits_are_features_times_weights_plus_intercept():
    slow = FEATURES.astype(float) @ FITTED.arrays["weight"].astype(float).T + FITTED.arrays["bias"]
    np.testing.assert_allclose(linear_outputs(FITTED, FEATURES), slow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("start", "count"), [(0, 1), (5, 7), (17, 32), (31, 64), (3, 100)])
def test_a_rows_bits_do_not_depend_on_the_rows_beside_it(start, count):
    whole = linear_outputs(FITTED, FEATURES)
    np.testing.assert_array_equal(linear_outputs(FITTED, FEATURES[start : start + count]), whole[start : start + count])


def test_no_rows_give_no_logits_and_another_width_is_refused():
    assert linear_outputs(FITTED, FEATURES[:0]).shape == (0, 10)
    with pytest.raises(ShapeError, match=r"features must be \(N, 1280\)"):
        linear_outputs(FITTED, FEATURES[:, :5])
