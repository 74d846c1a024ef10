"""INT8 graphs of small networks: what is quantized, what it says, and that runtimes read it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from bundle.helpers_bundle import graph_of, pictures, small_backbone
from headstart.compression.layers import channel_scales, integers
from headstart.compression.quantizing import calibrated, quantized
from headstart.compression.ranges import Range
from headstart.core.errors import BackendError
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    return graph_of(small_backbone(), tmp_path_factory.mktemp("graphs"))


@pytest.fixture(scope="module")
def in_int8(graph, tmp_path_factory):
    path = tmp_path_factory.mktemp("int8") / "int8.onnx"
    path.write_bytes(quantized(calibrated(graph, [pictures(16, seed=1), pictures(16, seed=2)])))
    return path


def features(path, values):
    return open_session(path, 1).run(["features"], {"pixels": values})[0]


def cosines(one, other):
    return (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


def test_features_stay_close_in_both_runtimes(graph, in_int8):
    given = pictures(64, seed=3)  # of a network with random weights single pictures are off: 0.90 of 192
    exact = features(graph, given)
    assert cosines(exact, features(in_int8, given)).mean() > 0.98
    assert cosines(exact, compile_graph(in_int8, "int8", 64, 1)(given)[0]).mean() > 0.98


def test_weights_are_stored_in_8_bits_and_the_file_is_small(graph, in_int8):
    model = onnx.load(str(in_int8))
    layers = [node for node in model.graph.node if node.op_type == "Conv"]
    made = {node.output[0]: node for node in model.graph.node if node.op_type == "DequantizeLinear"}
    kinds = {each.name: each.data_type for each in model.graph.initializer}
    assert layers and all(kinds[made[node.input[1]].input[0]] == onnx.TensorProto.INT8 for node in layers)
    assert in_int8.stat().st_size < 0.5 * graph.stat().st_size


def test_names_that_are_kept_stay_in_float(graph):
    first = next(node.name for node in onnx.load(str(graph)).graph.node if node.op_type == "Conv")
    model = onnx.load_from_string(quantized(calibrated(graph, [pictures(4)]), keep=[first]))
    node = next(node for node in model.graph.node if node.name == first)
    assert node.input[1] in {each.name for each in model.graph.initializer}


def test_the_same_inputs_give_the_same_bytes(graph):
    assert quantized(calibrated(graph, [pictures(4)])) == quantized(calibrated(graph, [pictures(4)]))


def test_ranges_need_inputs(graph):
    with pytest.raises(BackendError, match="there is none"):
        calibrated(graph, [])


def test_each_channel_gets_a_scale_of_its_own():
    weight = np.array([[[127.0], [1.0]], [[0.5], [-1.27]]], np.float32)  # (2, 2, 1): largest 127 and 1.27
    scales = channel_scales(weight, 0)
    np.testing.assert_allclose(scales, [1.0, 0.01])
    assert integers(weight, scales, 0).ravel().tolist() == [127, 1, 50, -127]


def test_a_range_of_minus_1_to_4_has_steps_of_a_51st_and_0_at_step_51():
    found = Range(-1.0, 4.0)  # 5 / 255
    assert found.scale == pytest.approx(1 / 51)
    assert found.zero_point == 51


def test_a_channel_too_small_for_a_scale_is_zero():
    tiny = np.full((2, 3), 1e-45, np.float32)
    assert channel_scales(tiny, 0).tolist() == [1.0, 1.0] and not integers(tiny, channel_scales(tiny, 0), 0).any()
