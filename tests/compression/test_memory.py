"""Memory of a graph: what its weights take is seen, what the asking process holds is not."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from headstart.compression import memory
from headstart.compression.memory import Memory, memory_of
from headstart.compression.running import Target

MEGABYTE = 1_000_000
HERE = Target("onnxruntime", "float32", 1)


def graph_of_megabytes(place, count):
    """A product with so many million bytes of weights."""
    weight = numpy_helper.from_array(np.ones((count, 250_000), np.float32), "weight")
    given = helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", count])
    result = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 250_000])
    graph = helper.make_graph([helper.make_node("MatMul", ["values", "weight"], ["features"])], "g", [given], [result],
                              [weight])  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(place))
    return place, np.ones((4, count), np.float32)


def test_weights_count_and_what_the_asking_process_holds_does_not(tmp_path):
    held = np.ones(25 * MEGABYTE)  # 200 MB here
    small, large = (memory_of(HERE, path, "float32", batch) for path, batch in (
        graph_of_megabytes(tmp_path / "small.onnx", 1), graph_of_megabytes(tmp_path / "large.onnx", 41)
    ))  # fmt: skip
    assert held.nbytes > large.runtime > 0 and large.runtime == pytest.approx(small.runtime, rel=0.2)
    assert large.graph - small.graph > 0.9 * 40 * MEGABYTE


def test_openvino_is_measured_too(tmp_path):
    found = memory_of(Target("openvino", "float32", 1), *_asked(graph_of_megabytes(tmp_path / "graph.onnx", 41)))
    assert found.graph > 0.9 * 41 * MEGABYTE


def test_what_cannot_be_measured_is_none_and_said(tmp_path, caplog, monkeypatch):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    assert memory_of(HERE, broken, "float32", np.ones((1, 1), np.float32)) is None
    assert "memory of broken.onnx was not measured: " in caplog.text and "cannot read the graph" in caplog.text
    monkeypatch.setattr(memory, "STATUS", tmp_path / "elsewhere")
    assert memory_of(HERE, *_asked(graph_of_megabytes(tmp_path / "graph.onnx", 1))) is None


def test_a_graph_takes_what_the_peak_is_above_the_runtime():
    assert Memory(runtime=70, peak=110).graph == 40


def _asked(made):
    path, batch = made
    return path, "float32", batch
