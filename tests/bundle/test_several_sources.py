"""Features joined from several networks and fitted backbones, of several parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest

from bundle.helpers_bundle import EVIDENCE, TASK, Choice, graph_of, linear_head, pictures, small_backbone
from headstart import bundle
from headstart.bundle import FittedBackbone, WrittenFitted, WrittenNetwork
from headstart.core.errors import BackendError, ShapeError
from headstart.core.schema import InputSchema, PartSchema

FRONT = PartSchema(modality="image", columns=("front",))
BACK = PartSchema(modality="image", columns=("back",))
SCHEMA = InputSchema(parts=(FRONT, BACK))
PAIR = InputSchema(parts=(FRONT.model_copy(update={"paired": True}), BACK))


def network(folder, part, family="efficientnet", sample=None, **changes):
    backbone = small_backbone(family)
    sample = pictures(4) if sample is None else sample
    return WrittenNetwork(part, backbone, Choice(**changes), graph_of(backbone, folder / "graphs"), sample)


def write(folder, sources, width, schema=SCHEMA, **changes):
    common = {"task_dict": TASK, "evidence": EVIDENCE, "input_schema": schema}
    return bundle.write(folder / "b", sources=sources, fitted=linear_head(width), **common, **changes)


def outputs_of(graph):
    return [value.name for value in onnx.load(graph).graph.output]


def test_two_networks_have_a_graph_each_and_no_head_in_it(tmp_path):
    sources = [network(tmp_path, BACK, "resnet"), network(tmp_path, FRONT, name="openvino")]
    written = write(tmp_path, sources, 96 + 256)
    assert {path.name for path in written.folder.iterdir()} == {
        *("manifest.json", "weights.safetensors", "evidence.json"),
        *("model-small-resnet.onnx", "model-small-efficientnet.onnx"),
    }
    for name in ("small-resnet", "small-efficientnet"):
        assert outputs_of(written.folder / f"model-{name}.onnx") == ["features", "maps"]
    predictor = bundle.read(written.folder).predictor()
    assert [(each.part, each.runtime) for each in predictor.passes] == [(1, "onnxruntime"), (0, "openvino")]
    assert predictor.runtime == "onnxruntime+openvino"
    back, front = predictor.passes[0].compute(pictures(3, seed=1)), predictor.passes[1].compute(pictures(3, seed=2))
    features = predictor.features([back, front])
    np.testing.assert_array_equal(features, np.concatenate([back, front], axis=1))
    head = linear_head(96 + 256).arrays
    np.testing.assert_allclose(predictor.outputs([back, front]), features @ head["weight"].T + head["bias"], atol=1e-4)
    assert written.manifest.parity["status"] == "checked"
    assert written.manifest.parity["sides"][0]["runtime"] == "onnxruntime+openvino"


def test_a_network_of_two_parts_is_written_once(tmp_path):
    sources = [network(tmp_path, FRONT), network(tmp_path, BACK, sample=pictures(4, seed=1))]
    written = write(tmp_path, sources, 512)
    assert list(written.manifest.networks) == ["small-efficientnet"]
    assert outputs_of(written.folder / "model.onnx") == ["features", "maps"]
    predictor = written.predictor()
    one, two = predictor.passes
    assert one.compute is two.compute
    assert predictor.features([np.ones((2, 256)), np.zeros((2, 256))]).sum() == 2 * 256


def test_of_a_pair_the_difference_and_the_product_follow(tmp_path):
    first, second = PAIR.parts
    sources = [network(tmp_path, first), network(tmp_path, second, sample=pictures(4, seed=1))]
    predictor = write(tmp_path, sources, 4 * 256, PAIR).predictor()
    features = predictor.features([np.full((1, 256), 2.0), np.full((1, 256), 5.0)])
    assert features.reshape(4, 256).mean(axis=1).tolist() == [2, 5, 3, 10]


def test_a_network_and_a_fitted_backbone_are_compared_as_a_whole(tmp_path):
    histograms = FittedBackbone("pixel_histograms", {}, {"side": 16})
    raw = histograms.describe(pictures(4))
    preprocessing = small_backbone().preprocessing
    fitted = WrittenFitted("pixel_histograms", {}, raw, {"side": 16}, part=BACK, preprocessing=preprocessing)
    sources = [network(tmp_path, FRONT), fitted]
    width = 256 + raw.shape[1]
    written = write(tmp_path, sources, width)
    assert [each["runtime"] for each in written.manifest.parity["sides"]] == ["onnxruntime", "onnxruntime", "eager"]
    predictor = written.predictor()
    assert [each.runtime for each in predictor.passes] == ["onnxruntime", "numpy"]
    with pytest.raises(ShapeError, match="2 passes must have one result; got 1"):
        predictor.features([raw])
    wrong = np.concatenate([predictor.passes[0].compute(pictures(4)), raw + 1], axis=1)
    with pytest.raises(BackendError, match="must agree"):
        write(tmp_path, sources, width, features=wrong)


def test_two_networks_of_one_name_are_kept_apart(tmp_path):
    other = small_backbone("resnet")
    card = other.card.model_copy(update={"name": "small-efficientnet"})
    renamed = replace(network(tmp_path, BACK, "resnet"), backbone=type(other)(card, other.network).eval())
    written = write(tmp_path, [network(tmp_path, FRONT), renamed], 96 + 256)
    assert list(written.manifest.networks) == ["small-efficientnet", "small-efficientnet-2"]
    assert [source.name for source in written.manifest.sources] == ["small-efficientnet", "small-efficientnet-2"]
