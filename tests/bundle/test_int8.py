"""Bundles of INT8 networks: a quarter of the bytes, answers of the runtime that was judged and of no other."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from bundle.helpers_bundle import (
    Choice,
    features_and_outputs,
    graph_of,
    linear_head,
    pictures,
    rewrite_manifest,
    small_backbone,
    write_small,
)
from headstart import bundle
from headstart.bundle.quantized_tensors import dequantized_tensors, quantized_tensors
from headstart.bundle.torch_backbone import rebuild
from headstart.core.errors import BackendError

INT8 = Choice("openvino", "int8")


@pytest.fixture(scope="module")
def int8_graph(tmp_path_factory):
    from headstart.compression.quantizing import calibrated, quantized

    folder = tmp_path_factory.mktemp("int8")
    path = folder / "int8.onnx"
    path.write_bytes(quantized(calibrated(graph_of(small_backbone(), folder), [pictures(16, seed=1)])))
    return path


@pytest.fixture(scope="module")
def int8_bundle(int8_graph, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "bundle"
    write_small(folder, runtime=INT8, graph=int8_graph)
    return folder


def test_it_takes_less_than_half_the_bytes_and_answers_in_the_runtime_that_was_judged(int8_bundle, written):
    for name in ("weights.safetensors", "model.onnx"):
        assert (int8_bundle / name).stat().st_size < 0.5 * (written / name).stat().st_size
    exact, float32 = features_and_outputs(bundle.read(written).predictor(), pictures(4))
    predictor = bundle.read(int8_bundle).predictor()
    assert (predictor.runtime, predictor.precision) == ("openvino", "int8")
    features, outputs = features_and_outputs(predictor, pictures(4))
    assert not np.array_equal(features, exact)
    np.testing.assert_allclose(outputs, float32, atol=0.5)


def test_runtimes_that_did_not_agree_are_refused_with_the_way_out(int8_bundle, tmp_path):
    copied = shutil.copytree(int8_bundle, tmp_path / "elsewhere")
    rewrite_manifest(copied, lambda document: document["parity"].update(same_answers=[]))
    with pytest.raises(BackendError, match="in openvino, where they were judged; got onnxruntime"):
        bundle.read(copied).predictor("onnxruntime")
    rewrite_manifest(copied, lambda document: document["parity"].update(same_answers=["onnxruntime"]))
    assert bundle.read(copied).predictor("onnxruntime").precision == "int8"


def test_parity_tells_how_far_each_runtime_is_and_gates_none(int8_bundle):
    parity = json.loads((int8_bundle / "manifest.json").read_text())["parity"]
    assert [side["runtime"] for side in parity["sides"]] == ["openvino", "onnxruntime", "eager"]
    assert [pair["gated"] for pair in parity["pairs"]] == [None, None]


def test_answers_of_another_network_are_refused(int8_graph, tmp_path):
    head = linear_head(256)
    head.arrays["weight"][:] *= 20
    wrong = np.random.default_rng(0).normal(size=(4, 256)).astype(np.float32)
    with pytest.raises(BackendError, match="must answer as what was judged"):
        write_small(tmp_path / "bundle", runtime=INT8, graph=int8_graph, fitted=head, features=wrong)
    assert not (tmp_path / "bundle").exists()


def test_the_torch_module_comes_back_within_half_a_step(int8_bundle):
    shipped = bundle.read(int8_bundle)
    (record,) = shipped.manifest.networks.values()
    ours = rebuild(shipped.folder, record).network.state_dict()
    for name, tensor in small_backbone().network.state_dict().items():
        step = tensor.flatten(1).abs().amax(1) / 127 if tensor.ndim > 1 else tensor.new_zeros(1)
        apart = (tensor - ours[name]).abs()
        assert (apart.flatten(1).amax(1) <= step / 2 + 1e-6).all() if tensor.ndim > 1 else not apart.any()


def test_only_int8_bundles_need_a_newer_version(int8_bundle, written):
    assert bundle.read(int8_bundle).manifest.schema_version == 4
    assert bundle.read(written).manifest.schema_version == 3


def test_tensors_of_one_axis_and_of_integers_stay_as_they_are():
    given = {"bias": np.array([0.3, 0.4], np.float32), "count": np.array([[3]], np.int64)}
    made, scales = quantized_tensors(given)
    assert made == given and scales == {}
    assert dequantized_tensors(made, scales) == given
