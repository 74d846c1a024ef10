from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from bundle.helpers_bundle import graph_of, linear_head, pictures, small_backbone
from headstart.bundle.graph import assemble
from headstart.core.errors import BackendError, ShapeError
from headstart.core.learning import Fitted
from headstart.runtimes.openvino import compile_graph


def run(content, inputs):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, inputs)


def names_of(content):
    graph = onnx.load_from_string(content).graph
    return [value.name for value in graph.input], [value.name for value in graph.output]


def hand_made(path, element=onnx.TensorProto.UINT8, output="features", source="pixels"):
    """The mean over height and width: 3 features. Written without any exporter."""
    helper = onnx.helper
    nodes = [
        helper.make_node("Cast", [source], ["floats"], to=onnx.TensorProto.FLOAT),
        helper.make_node(
            "ReduceMean", ["floats"], [output], axes=[1, 2], keepdims=0, doc_string="/home/somebody/net.py"
        ),
    ]
    pixels = helper.make_tensor_value_info(source, element, ["B", 4, 4, 3])
    features = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, ["B", 3])
    graph = helper.make_graph(nodes, "mean", [pixels], [features])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_logits_of_a_hand_made_graph_are_computed_by_hand(tmp_path):
    weight = np.array([[1, 0, 0], [0, 2, -1]], np.float32)
    head = Fitted(
        {"weight": weight, "bias": np.array([10, 0], np.float32)}, {"method": "linear_probe", "form": "linear"}
    )
    content = assemble(hand_made(tmp_path / "mean.onnx"), "pixels", "uint8", 3, {}, head)
    pixels = np.broadcast_to(np.array([5, 7, 9], np.uint8), (1, 4, 4, 3))
    features, logits = run(content, {"pixels": pixels})
    assert features.tolist() == [[5, 7, 9]]
    assert logits.tolist() == [[5 + 10, 2 * 7 - 9]]


def test_the_graph_of_a_network_goes_from_pixels_to_features_and_logits(tmp_path):
    backbone, head = small_backbone(), linear_head(256)
    exported = graph_of(backbone, tmp_path)
    content = assemble(exported, "pixels", "uint8", 256, {}, head)
    assert names_of(content) == (["pixels"], ["features", "logits", "maps"])
    for rows in (1, 5):  # any number of rows
        features, logits, maps = run(content, {"pixels": pictures(rows)})
        np.testing.assert_allclose(maps.mean(axis=(2, 3)), features, atol=1e-5)
        (expected,) = run(exported.read_bytes(), {"pixels": pictures(rows)})
        np.testing.assert_array_equal(features, expected)
        np.testing.assert_allclose(logits, features @ head.arrays["weight"].T + head.arrays["bias"], atol=1e-5)


def pooled(path, op, **attributes):
    """Pixels moved to (B, 3, 4, 4) and averaged by an operator."""
    helper = onnx.helper
    axes = helper.make_tensor("axes", onnx.TensorProto.INT64, [2], attributes.pop("last", [2, 3]))
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["plane"], perm=[0, 3, 1, 2]),
        helper.make_node(op, ["plane", "axes"] if op == "ReduceMean" else ["plane"], ["pooled"], **attributes),
        helper.make_node("Flatten", ["pooled"], ["features"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", onnx.TensorProto.UINT8, ["B", 4, 4, 3])
    features = helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, ["B", None])
    graph = helper.make_graph(nodes, "pooled", [pixels], [features], [axes] if op == "ReduceMean" else [])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


@pytest.mark.parametrize(
    ("op", "attributes", "has_maps"),
    [
        ("GlobalAveragePool", {}, True),
        ("ReduceMean", {"keepdims": 1}, True),
        ("ReduceMean", {"keepdims": 0, "last": [-1, -2]}, True),
        ("ReduceMean", {"keepdims": 0, "last": [1, 2]}, False),
        ("GlobalMaxPool", {}, False),
    ],
)
def test_a_map_is_given_where_features_are_its_mean_and_nowhere_else(tmp_path, op, attributes, has_maps):
    width = 4 if attributes.get("last") == [1, 2] else 3
    content = assemble(pooled(tmp_path / "g.onnx", op, **attributes), "pixels", "uint8", width, {}, None)
    assert names_of(content)[1] == ["features", "maps"][: 1 + has_maps]
    if has_maps:
        features, maps = run(content, {"pixels": np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3)})
        np.testing.assert_allclose(maps.mean(axis=(2, 3)), features, atol=1e-5)


def test_openvino_loads_the_graph_too(tmp_path):
    content = assemble(
        graph_of(small_backbone(), tmp_path), "pixels", "uint8", 256, {"class_names": "[]"}, linear_head(256)
    )
    (tmp_path / "model.onnx").write_bytes(content)
    ours = run(content, {"pixels": pictures(4)})
    theirs = compile_graph(tmp_path / "model.onnx", "float32", 4, 1)(pictures(4))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-3, rtol=1e-4)


def test_a_head_of_another_form_leaves_the_features_alone(tmp_path):
    head = Fitted({"table": np.zeros(3, np.float32)}, {"method": "other", "form": "table"})
    assert names_of(assemble(hand_made(tmp_path / "g.onnx"), "pixels", "uint8", 3, {}, head)) == (
        ["pixels"],
        ["features"],
    )


def test_notes_of_the_exporter_are_left_out(tmp_path):
    path = hand_made(tmp_path / "g.onnx")
    assert b"somebody" in path.read_bytes()
    assert b"somebody" not in assemble(path, "pixels", "uint8", 3, {}, linear_head(3))


@pytest.mark.parametrize(
    "changes",
    [{"element": onnx.TensorProto.FLOAT}, {"output": "embedding"}, {"source": "images"}],
    ids=["float pixels", "output name", "input name"],
)
def test_a_graph_of_another_signature_is_refused(tmp_path, changes):
    with pytest.raises(BackendError, match="must go from uint8 'pixels' to 'features'"):
        assemble(hand_made(tmp_path / "g.onnx", **changes), "pixels", "uint8", 3, {}, linear_head(3))


def test_a_graph_of_another_width_is_refused(tmp_path):
    with pytest.raises(BackendError, match="must be 4 wide; g.onnx gives 3"):
        assemble(hand_made(tmp_path / "g.onnx"), "pixels", "uint8", 4, {}, linear_head(4))


def test_a_head_for_another_width_is_refused(tmp_path):
    with pytest.raises(ShapeError, match=r"D 3; got \(3, 4\) and \(3,\)"):
        assemble(hand_made(tmp_path / "g.onnx"), "pixels", "uint8", 3, {}, linear_head(4))
