"""A network that 8 bits break: which layer it is, and that leaving it in float mends it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from bundle.helpers_bundle import graph_of, pictures, small_backbone
from headstart.compression.layers import layers_of
from headstart.compression.mixed_precision import MOST, kept_in_float, sensitivities
from headstart.compression.plain_graph import constants_of, plain_graph
from headstart.compression.quantizing import calibrated, quantized
from headstart.runtimes.onnxruntime import open_session
from headstart.runtimes.openvino import compile_graph

OUTLIER = 3000.0


def features(path, values):
    return open_session(path, 1).run(["features"], {"pixels": values})[0]


def cosines(one, other):
    return (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


def set_constant(model, name, values):
    [place] = [each for each in model.graph.initializer if each.name == name]
    place.CopyFrom(numpy_helper.from_array(values.astype(np.float32), name))


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The same function in float: a channel is made 3,000 times as large, and what reads it takes a 3,000th of it."""
    folder = tmp_path_factory.mktemp("broken")
    model = plain_graph(graph_of(small_backbone(), folder))
    constants, readers = constants_of(model), {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    first, second = next(
        (layer.node, others[0])
        for layer in layers_of(model)
        if len(others := readers[layer.node.output[0]]) == 1 and others[0].op_type == "Conv" and layer.node.input[2]
    )
    weight, bias, reading = (constants[name].copy() for name in (*first.input[1:3], second.input[1]))
    weight[0] *= OUTLIER
    bias[0] *= OUTLIER
    reading[:, 0] /= OUTLIER
    for name, values in zip((*first.input[1:3], second.input[1]), (weight, bias, reading), strict=True):
        set_constant(model, name, values)
    onnx.save(model, str(folder / "broken.onnx"))
    return folder / "broken.onnx", {first.name, second.name}


def test_the_layers_beside_the_outlier_carry_the_damage_and_in_float_the_network_is_whole(broken, tmp_path):
    graph, beside = broken
    calibration, given = calibrated(graph, [pictures(16, seed=1)]), pictures(8, seed=3)
    exact, path = features(graph, given), tmp_path / "int8.onnx"
    path.write_bytes(quantized(calibration))
    assert cosines(exact, features(path, given)).min() < 0.9
    damage = sensitivities(calibration, [pictures(4, seed=2)])
    ranked = sorted(damage, key=damage.__getitem__, reverse=True)
    assert set(ranked[:2]) == beside and damage[ranked[1]] > 10 * damage[ranked[2]]
    assert set(kept_in_float(damage)[-1]) == beside
    path.write_bytes(quantized(calibration, keep=beside))
    assert cosines(exact, features(path, given)).min() > 0.97
    assert cosines(exact, compile_graph(path, "int8", 8, 1)(given)[0]).min() > 0.97


def test_every_layer_has_its_share_and_an_innocent_one_hardly_any(broken):
    graph, _ = broken
    damage = sensitivities(calibrated(graph, [pictures(8, seed=1)]), [pictures(4, seed=2)])
    assert list(damage) == [layer.node.name for layer in layers_of(plain_graph(graph))]
    assert min(damage.values()) >= 0 and np.median(list(damage.values())) < max(damage.values()) / 100


def test_no_more_than_half_of_the_layers_stay_and_sets_grow():
    even = {str(number): 1.0 for number in range(10)}
    assert kept_in_float(even) == [["0", "1", "2", "3", "4"]] and MOST == 0.5
    assert kept_in_float(dict.fromkeys("abc", 0.0)) == []
    found = kept_in_float({"a": 1.0, "b": 8.0, "c": 3.0, "d": 0.1, "e": 0.0, "f": 0.0})
    assert found == [["b"], ["b", "c"], ["b", "c", "a"]]
