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


def _look_up(model: ModelProto, place: int, table: NDArray[Any]) -> None:
    """In place of a Gather: of steps and of scales, and their product."""
    from onnx import TensorProto, helper, numpy_helper

    node = model.graph.node[place]
    name, index, made = node.input[0], node.input[1], node.output[0]
    steps, scales = rows_in_int8(table)
    for suffix, values in (("_steps", steps), ("_scales", scales)):
        if not any(each.name == name + suffix for each in model.graph.initializer):
            model.graph.initializer.append(numpy_helper.from_array(values, name + suffix))
    nodes = [
        helper.make_node("Gather", [name + "_steps", index], [made + "_steps"], name=made + "_steps"),
        helper.make_node("Gather", [name + "_scales", index], [made + "_scales"], name=made + "_scales"),
        helper.make_node("Cast", [made + "_steps"], [made + "_floats"], name=made + "_floats", to=TensorProto.FLOAT),
        helper.make_node("Mul", [made + "_floats", made + "_scales"], [made], name=made + "_rows"),
    ]
    del model.graph.node[place]
    for offset, each in enumerate(nodes):
        model.graph.node.insert(place + offset, each)
