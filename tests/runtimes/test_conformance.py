"""Every runtime of the room computes what eager PyTorch computes, whatever the rows beside a row."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core.errors import BackendError, MissingExtraError, ShapeError
from headstart.runtimes.contract import runtime
from headstart.runtimes.parity import require_parity
from runtimes.helpers_runtimes import candidates, pictures, small_backbone

BATCH = 8


@pytest.fixture(scope="module")
def backbone():
    return small_backbone()


@pytest.fixture(scope="module")
def reference(backbone, tmp_path_factory):
    cache = tmp_path_factory.mktemp("reference")
    return runtime("eager", "float32").prepare(backbone, 0, len(backbone.stages), BATCH, 1, cache)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    return tmp_path_factory.mktemp("graphs")


def prepared(name, precision, backbone, start, stop, graphs):
    try:
        candidate = runtime(name, precision)
        candidate.version()
    except (BackendError, MissingExtraError) as error:
        pytest.skip(str(error))
    return candidate.prepare(backbone, start, stop, BATCH, 1, graphs)


@pytest.mark.parametrize(("name", "precision"), candidates())
def test_features_agree_with_eager_and_no_bit_depends_on_the_other_rows(name, precision, backbone, reference, graphs):
    n = len(backbone.stages)
    before = backbone.weights_digest(n)
    compute = prepared(name, precision, backbone, 0, n, graphs)
    pixels = pictures(2 * BATCH + 3)
    features = compute(pixels)

    assert features.dtype == np.float32 and features.shape == (2 * BATCH + 3, backbone.feature_dim)
    require_parity(reference(pixels), features, precision)

    order = np.random.default_rng(1).permutation(len(pixels))
    assert np.array_equal(compute(pixels[order]), features[order])
    one_by_one = np.concatenate([compute(pixels[i : i + 1]) for i in range(len(pixels))])
    assert np.array_equal(one_by_one, features)
    assert compute(pixels[:0]).shape == (0, backbone.feature_dim)

    assert backbone.weights_digest(n) == before
    assert not backbone.network.training
    assert np.array_equal(reference(pixels), reference(pixels))


@pytest.mark.parametrize(("name", "precision"), candidates())
def test_a_slice_from_the_middle_continues_where_the_one_before_stopped(
    name, precision, backbone, reference, graphs, tmp_path
):
    n, middle = len(backbone.stages), 2
    first = runtime("eager", "float32").prepare(backbone, 0, middle, BATCH, 1, tmp_path)
    rest = prepared(name, precision, backbone, middle, n, graphs)
    pixels = pictures(BATCH + 1)
    require_parity(reference(pixels), rest(first(pixels)), precision)


@pytest.mark.parametrize(("name", "precision"), candidates())
def test_floats_where_pixels_must_be_are_refused(name, precision, backbone, graphs):
    compute = prepared(name, precision, backbone, 0, 1, graphs)
    with pytest.raises(ShapeError, match="must be uint8"):
        compute(pictures(2).astype(np.float32))


def test_a_backbone_in_training_mode_is_refused(tmp_path):
    backbone = small_backbone()
    backbone.train()
    with pytest.raises(BackendError, match="eval mode"):
        runtime("eager", "float32").prepare(backbone, 0, 1, BATCH, 1, tmp_path)


def test_eager_equals_the_network_on_pixels(backbone, reference):
    import torch

    pixels = pictures(3)
    with torch.inference_mode():
        expected = backbone(torch.from_numpy(pixels)).numpy()
    np.testing.assert_allclose(reference(pixels), expected, rtol=1e-5, atol=1e-5)


def test_an_unknown_precision_names_those_that_exist():
    from headstart.core.errors import ConfigError

    with pytest.raises(ConfigError, match="float32"):
        runtime("eager", "int8")
