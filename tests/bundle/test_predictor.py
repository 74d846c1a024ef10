from __future__ import annotations

import numpy as np
import pytest

from bundle.helpers_bundle import Choice, features_and_outputs, linear_head, pictures, small_backbone, write_small
from headstart import bundle
from headstart.core.errors import BackendError, ConfigError, MissingExtraError
from headstart.runtimes.contract import runtime


def fit_features(name, precision, pixels, cache, backbone):
    """What the fit computes: the runtime of that name on the torch module."""
    prepared = runtime(name, precision).prepare(backbone, 0, len(backbone.stages), 8, 1, cache)
    return prepared(pixels)


@pytest.mark.parametrize("name", ["onnxruntime", "openvino", "eager", "channels_last"])
def test_features_are_bit_equal_to_those_of_the_fit_in_the_same_runtime(tmp_path, name):
    pixels = pictures(19, seed=2)
    expected = fit_features(name, "float32", pixels, tmp_path, small_backbone())
    predictor = write_small(tmp_path / "bundle", runtime=Choice(name=name)).predictor()
    assert (predictor.runtime, predictor.precision) == (name, "float32")
    np.testing.assert_array_equal(features_and_outputs(predictor, pixels)[0], expected)


@pytest.mark.parametrize("family", ["resnet", "vit"])
def test_the_head_in_the_graph_changes_no_bit_of_openvinos_features(tmp_path, family):
    pixels, backbone = pictures(8, seed=2), small_backbone(family)
    expected = fit_features("openvino", "float32", pixels, tmp_path, backbone)
    written = write_small(tmp_path / "bundle", runtime=Choice(name="openvino"), backbone=backbone)
    np.testing.assert_array_equal(features_and_outputs(written.predictor(), pixels)[0], expected)


@pytest.mark.parametrize("family", ["efficientnet", "resnet", "vit"])
def test_openvino_in_bfloat16_gives_the_bits_of_the_fit(tmp_path, family):
    pixels, backbone = pictures(8, seed=2), small_backbone(family)
    try:
        runtime("openvino", "bfloat16").version()
    except (BackendError, MissingExtraError) as error:
        pytest.skip(str(error))
    expected = fit_features("openvino", "bfloat16", pixels, tmp_path, backbone)
    choice = Choice(name="openvino", precision="bfloat16")
    # No pictures: random weights amplify rounding beyond what the parity check lets pass.
    written = write_small(tmp_path / "bundle", runtime=choice, backbone=backbone, sample=pictures(0))
    predictor = written.predictor()
    assert (predictor.runtime, predictor.precision) == ("openvino", "bfloat16")
    np.testing.assert_array_equal(features_and_outputs(predictor, pixels)[0], expected)
    assert written.predictor("eager").precision == "float32"


def test_a_row_has_the_same_bits_alone_and_among_others(written):
    predictor, pixels = bundle.read(written).predictor(), pictures(19, seed=3)
    features, logits = features_and_outputs(predictor, pixels)
    for row in (0, 8, 18):
        alone = features_and_outputs(predictor, pixels[row : row + 1])
        np.testing.assert_array_equal(alone[0][0], features[row])
        np.testing.assert_allclose(alone[1][0], logits[row], rtol=1e-12)


def test_logits_are_the_features_times_the_head(written):
    features, logits = features_and_outputs(bundle.read(written).predictor(), pictures(3))
    head = linear_head(256).arrays
    expected = [[float(f @ w) + float(b) for w, b in zip(head["weight"], head["bias"], strict=True)] for f in features]
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_an_unknown_runtime_gets_the_near_match(written):
    with pytest.raises(ConfigError, match="Did you mean 'openvino'"):
        bundle.read(written).predictor("openvine")


def test_the_next_runtime_is_taken_when_the_fits_own_is_not_installed(written, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    read = bundle.read(written)
    assert read.predictor().runtime == "openvino"
    with pytest.raises(MissingExtraError, match=r"headstart\[onnx\]"):
        read.predictor("onnxruntime")


def test_a_runtime_that_this_version_does_not_know_falls_back(tmp_path):
    written = write_small(tmp_path / "bundle", runtime=Choice(name="later"), sample=pictures(0))
    assert written.predictor().runtime == "onnxruntime"
