"""What rounding of weights adds to a layer's mean output is taken off its bias."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bundle.helpers_bundle import graph_of, pictures, small_backbone
from headstart.compression import quantizing
from headstart.compression.bias_correction import SUFFIX, correct_biases, moved_by_rounding
from headstart.compression.layers import layers_of
from headstart.compression.plain_graph import constants_of, plain_graph
from headstart.compression.ranges import activations


def test_by_hand_with_padding():
    """Steps of the first channel are 1: 0.4 is rounded to 0. A quarter of the places of a row of four see no left."""
    weight = np.array([[[[0.4, 127.0, 0.0]]]], np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["y"], name="conv", pads=[0, 1, 0, 1]),
        helper.make_node("Relu", ["y"], ["features"]),
    ]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 1, 4]) for name in ("x", "features")]
    constants = [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(np.array([9.0], np.float32), "b")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    moved = moved_by_rounding(model, layers_of(model), [np.full((1, 1, 1, 4), 10.0, np.float32)])
    correct_biases(model, layers_of(model), moved)
    (made,) = layers_of(model)
    assert constants_of(model)[made.node.input[2]].tolist() == pytest.approx([9.0 + 0.4 * 10 * 3 / 4])


def test_features_of_a_network_come_nearer(tmp_path, monkeypatch):
    graph, batches = graph_of(small_backbone("resnet"), tmp_path), [pictures(32, seed=1)]

    def features(model):
        return np.concatenate([values for [values] in activations(model, ["features"], [pictures(64, seed=2)])])

    exact, off = features(plain_graph(graph)), []
    for correct in (correct_biases, lambda *_: None):
        monkeypatch.setattr(quantizing, "correct_biases", correct)
        off.append(
            (
                (features(onnx.load_from_string(quantizing.quantized(quantizing.calibrated(graph, batches)))) - exact)
                ** 2
            ).sum()
        )
    assert off[0] < 0.8 * off[1]


def test_the_mean_output_with_rounded_weights_is_that_of_the_float_layer(tmp_path):
    model, batches = plain_graph(graph_of(small_backbone(), tmp_path)), [pictures(16, seed=1)]
    made = next(each for each in layers_of(model) if each.has_bias and tuple(each.weight.shape[2:]) == (1, 1))
    name, output = made.node.name, made.node.output[0]

    def means(changed):
        return np.concatenate([values for [values] in activations(changed, [output], batches)]).mean(axis=(0, 2, 3))

    exact, rounded = means(model), onnx.ModelProto()
    rounded.CopyFrom(model)
    [weights] = [each for each in rounded.graph.initializer if each.name == made.node.input[1]]
    weights.CopyFrom(numpy_helper.from_array(made.rounded, weights.name))
    off = np.abs(means(rounded) - exact).max()
    [node] = [each for each in rounded.graph.node if each.name == name]
    correct_biases(model, [made], moved_by_rounding(model, [made], batches))
    assert made.node.input[2].endswith(SUFFIX)
    [bias] = [each for each in rounded.graph.initializer if each.name == node.input[2]]
    bias.CopyFrom(numpy_helper.from_array(constants_of(model)[made.node.input[2]], bias.name))
    assert np.abs(means(rounded) - exact).max() < off / 100
