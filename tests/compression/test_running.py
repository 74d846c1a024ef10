"""What can be the target, and what is said of a processor that lacks something."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from headstart.compression import running
from headstart.core.errors import ConfigError


def test_what_a_processor_lacks_is_said(monkeypatch):
    monkeypatch.setattr(running, "computes_bfloat16", lambda: True)
    monkeypatch.setattr(running, "computes_int8", lambda: True)
    assert running.processor_notes() == []
    monkeypatch.setattr(running, "computes_int8", lambda: False)
    (note,) = running.processor_notes()
    assert "no instructions for 8-bit integers" in note
    monkeypatch.setattr(running, "computes_bfloat16", lambda: False)
    assert [each.split(":")[0] for each in running.processor_notes()] == [
        "This processor has no instructions for bfloat16",
        "This processor has no instructions for 8-bit integers",
    ]


def test_without_bfloat16_the_model_as_it_is_runs_in_float32(monkeypatch):
    monkeypatch.setattr(running, "computes_bfloat16", lambda: False)
    assert {each.precision for each in running.targets("auto", 1)} == {"float32"}
    monkeypatch.setattr(running, "computes_bfloat16", lambda: True)
    assert running.targets("openvino", 1)[0].precision == "bfloat16"
    with pytest.raises(ConfigError, match="onnxruntime"):
        running.targets("tensorrt", 1)


def graph_of(operator, domain, place):
    """One operator of two equal inputs ``(B, 4)``."""
    given, result = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 4]) for name in ("values", "features")
    )
    node = helper.make_node(operator, ["values", "values"], ["features"], domain=domain)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("foreign", 1)]
    graph = helper.make_graph([node], "graph", [given], [result])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), str(place))
    return place


def test_a_runtime_that_lacks_an_operator_is_told_with_the_operator_and_others_are_kept(tmp_path):
    known = [running.Target("openvino", "float32", 1), running.Target("onnxruntime", "float32", 1)]
    batch = np.ones((2, 4), np.float32)
    assert running.able(known, graph_of("Add", "", tmp_path / "add.onnx"), batch) == (known, {})
    kept, failed = running.able(known, graph_of("CDist", "com.microsoft", tmp_path / "distances.onnx"), batch)
    assert kept == known[1:] and list(failed) == ["openvino in float32"]
    assert failed["openvino in float32"] == (
        "openvino cannot run the graph: No conversion rule found for operations: com.microsoft.CDist"
    )
    kept, failed = running.able(known, graph_of("Own", "foreign", tmp_path / "own.onnx"), batch)
    assert kept == [] and "foreign:Own" in failed["onnxruntime in float32"]
