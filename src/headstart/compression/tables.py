"""Tables of embeddings in 8 bits: half of the file of a small text network, whose rows are looked up, not multiplied.

A row has a scale of its own, so that rare and common words keep their own resolution; what is looked up is a float
again before anything is computed with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.layers import channel_scales, integers
from headstart.compression.plain_graph import constants_of

if TYPE_CHECKING:
    from onnx import ModelProto

STEPS, SCALES = "_steps", "_scales"  # of names
LEAST = 50_000  # values, below which a table is not worth three operators


def quantize_tables(model: ModelProto) -> list[str]:
    """Put every large table of a model, whose rows are gathered, into INT8; the model is changed.

    Returns:
        Names of the tables.
    """
    constants, found = constants_of(model), []
    for place in reversed(range(len(model.graph.node))):
        node = model.graph.node[place]
        table = constants.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.dtype != np.float32 or table.ndim != 2 or table.size < LEAST:
            continue
        if any(each.name == "axis" and each.i for each in node.attribute):
            continue
        found.append(node.input[0])
        _look_up(model, place, table)
    return found[::-1]


def rows_in_int8(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Steps ``(V, C)`` and scales ``(V, 1)``: a row's largest size becomes 127; a row of zeros has scale 1.

    >>> steps, scales = rows_in_int8(np.array([[1.27, -2.54], [0.0, 0.0]], np.float32))
    >>> steps.tolist(), scales.astype(float).round(4).tolist()
    ([[64, -127], [0, 0]], [[0.02], [1.0]])
    """
    scales = channel_scales(table, 0)
    return integers(table, scales, 0), scales[:, None]


def select_rows(model: ModelProto, table: NDArray[np.float32], rows: NDArray[np.int64]) -> int:
    """Leave some rows of a table, in float or in INT8, wherever it is looked up; the model is changed.

    Args:
        model: Whose graph gathers rows of it.
        table: ``(V, C)`` as it is in float.
        rows: ``(V',)`` that stay, in their new order.

    Returns:
        How many arrays were cut: a table in INT8 has two. 0: the graph has no such table.
    """
    from onnx import numpy_helper

    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    gathered = {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
    found = {name for name in gathered if name in constants and np.array_equal(constants[name], table)}
    steps, scales = rows_in_int8(table)
    for name in gathered:
        if name.endswith(STEPS) and np.array_equal(constants.get(name, table), steps):
            found |= {name, name.removesuffix(STEPS) + SCALES}
    assert all(len(constants[name]) == len(scales) for name in found), "a row has a scale"  # noqa: S101
    for each in model.graph.initializer:
        if each.name in found:
            each.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(constants[each.name][rows]), each.name))
    return len(found)


def _look_up(model: ModelProto, place: int, table: NDArray[Any]) -> None:
    """In place of a Gather: of steps and of scales, and their product."""
    from onnx import TensorProto, helper, numpy_helper

    node = model.graph.node[place]
    name, index, made = node.input[0], node.input[1], node.output[0]
    steps, scales = rows_in_int8(table)
    for suffix, values in ((STEPS, steps), (SCALES, scales)):
        if not any(each.name == name + suffix for each in model.graph.initializer):
            model.graph.initializer.append(numpy_helper.from_array(values, name + suffix))
    nodes = [
        helper.make_node("Gather", [name + STEPS, index], [made + STEPS], name=made + STEPS),
        helper.make_node("Gather", [name + SCALES, index], [made + SCALES], name=made + SCALES),
        helper.make_node("Cast", [made + STEPS], [made + "_floats"], name=made + "_floats", to=TensorProto.FLOAT),
        helper.make_node("Mul", [made + "_floats", made + SCALES], [made], name=made + "_rows"),
    ]
    del model.graph.node[place]
    for offset, each in enumerate(nodes):
        model.graph.node.insert(place + offset, each)
