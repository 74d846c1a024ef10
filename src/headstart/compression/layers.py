"""Layers of a graph with constant weights, and their weights in symmetric INT8: one scale per output channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.compression.plain_graph import constants_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LAYERS = ("Conv", "MatMul", "Gemm")


@dataclass(frozen=True)
class Layer:
    """A layer with constant weights.

    Attributes:
        node: Of the graph.
        weight: ``(out, in, ...)`` of a convolution, ``(in, out)`` of a product.
        axis: Of the output channels in ``weight``.
    """

    node: NodeProto
    weight: NDArray[np.float32]
    axis: int

    @property
    def has_bias(self) -> bool:
        """Whether a bias is an input of its own."""
        return self.node.op_type != "MatMul" and len(self.node.input) > 2 and bool(self.node.input[2])

    @property
    def rounded(self) -> NDArray[np.float32]:
        """The weights that 8 bits leave."""
        scales = channel_scales(self.weight, self.axis)
        shape = [-1 if place == self.axis else 1 for place in range(self.weight.ndim)]
        found: NDArray[np.float32] = integers(self.weight, scales, self.axis) * scales.reshape(shape)
        return found


def layers_of(model: ModelProto) -> list[Layer]:
    """Layers with constant float weights of two axes or more, in the order in which they are computed."""
    constants = constants_of(model)
    found = []
    for node in model.graph.node:
        if node.op_type not in LAYERS or node.input[1] not in constants:
            continue
        weight = constants[node.input[1]]
        if weight.dtype == np.float32 and weight.ndim >= 2:
            is_rows_first = node.op_type == "Conv" or (node.op_type == "Gemm" and _attribute(node, "transB"))
            found.append(Layer(node, weight, 0 if is_rows_first else weight.ndim - 1))
    return found


def channel_scales(weight: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Of symmetric INT8, ``(out,)``: the largest size of a channel becomes 127; a channel of zeros has scale 1.

    >>> channel_scales(np.array([[1.27, -2.54], [0, 0]], np.float32), 0).astype(float).round(4).tolist()
    [0.02, 1.0]
    """
    others = tuple(place for place in range(weight.ndim) if place != axis)
    largest = np.abs(weight).max(axis=others)
    steps = (largest / 127).astype(np.float32)
    tiny = np.finfo(np.float32).tiny  # what is smaller has no full precision: such a channel is as good as 0
    return np.where(steps >= tiny, steps, np.float32(1))


def integers(weight: NDArray[np.float32], scales: NDArray[np.float32], axis: int) -> NDArray[np.int8]:
    """Weights in steps of their channel's scale, of the same shape."""
    shape = [-1 if place == axis else 1 for place in range(weight.ndim)]
    steps: NDArray[np.int8] = np.clip(np.rint(weight / scales.reshape(shape)), -127, 127).astype(np.int8)
    return steps


def _attribute(node: NodeProto, name: str) -> int:
    return next((int(each.i) for each in node.attribute if each.name == name), 0)
