"""Embeddings in 8 bits: what is looked up is what was there, within half a step of its row."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper, numpy_helper

from headstart.compression.tables import LEAST, quantize_tables, rows_in_int8, select_rows
from headstart.runtimes.without_telemetry import import_onnxruntime


def looked_up(table, op_axis=0):
    node = helper.make_node("Gather", ["table", "index"], ["rows"], axis=op_axis)
    graph = helper.make_graph(
        [node, helper.make_node("Neg", ["rows"], ["features"])],
        "g",
        [helper.make_tensor_value_info("index", TensorProto.INT64, [None, None])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, None, None])],
        [numpy_helper.from_array(table, "table")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(model, index):
    content = model.SerializeToString()
    session = import_onnxruntime().InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"index": index})[0]


def test_a_large_table_is_a_quarter_and_says_nearly_the_same():
    table = np.random.default_rng(0).normal(size=(LEAST // 50, 50)).astype(np.float32)
    index, model = np.array([[0, 3, 3], [7, 999, 1]]), looked_up(table)
    before = len(model.SerializeToString())
    assert quantize_tables(model) == ["table"]
    model.graph.initializer.remove(next(each for each in model.graph.initializer if each.name == "table"))
    onnx.checker.check_model(model)
    assert len(model.SerializeToString()) < 0.3 * before
    steps = np.abs(table).max(axis=1, keepdims=True) / 127
    assert (np.abs(run(model, index) + table[index]) <= steps[index] / 2 + 1e-6).all()


def test_small_tables_and_other_axes_stay():
    assert quantize_tables(looked_up(np.ones((10, 4), np.float32))) == []
    assert quantize_tables(looked_up(np.ones((LEAST // 4, 8), np.float32), op_axis=1)) == []


@given(arrays(np.float32, (3, 4), elements=st.floats(-1e6, 1e6, width=32)))
def test_no_value_is_further_off_than_half_a_step(table):
    steps, scales = rows_in_int8(table)
    assert steps.dtype == np.int8 and scales.shape == (3, 1) and (scales > 0).all()
    assert (np.abs(steps.astype(np.float64) * scales - table) <= scales * 0.5001).all()


@pytest.mark.parametrize("is_int8", [False, True])
def test_rows_that_stay_say_what_they_said_in_float_and_in_integers(is_int8):
    table = np.random.default_rng(0).normal(size=(LEAST // 50, 50)).astype(np.float32)
    kept, model = np.array([0, 3, 7, 500, 999]), looked_up(table)
    if is_int8:
        quantize_tables(model)
        model.graph.initializer.remove(next(each for each in model.graph.initializer if each.name == "table"))
    before = run(model, kept[None])
    assert select_rows(model, table, kept) == 1 + is_int8
    assert np.array_equal(run(model, np.arange(5)[None]), before)
    assert all(len(numpy_helper.to_array(each)) == 5 for each in model.graph.initializer)
    assert select_rows(model, table, kept) == 0  # another table by now
