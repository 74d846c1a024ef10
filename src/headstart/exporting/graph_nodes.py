"""Operators written as calls, and the calls that write an ONNX graph: each returns the name of what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto


Value = Any  # what an operator gives: a name in an ONNX graph, a tensor where it is computed


class Operators(Protocol):
    """What a model is described with; kinds, inputs and attributes are those of ONNX."""

    def __call__(self, kind: str, *inputs: Value, **attributes: Any) -> Value:
        """The one output of an operator."""

    def constant(self, value: Any, dtype: Any = np.float32) -> Value:
        """An array that is part of the model."""

    def cast(self, value: Value, dtype: Any) -> Value:
        """The same numbers in another dtype."""

    def places(self, value: Value, axis: int) -> Value:
        """``(n,)`` float32: 0, 1, ... n - 1 along an axis of any length n."""

    @property
    def may_cut(self) -> bool:
        """Whether a shape may follow from values: a graph that is recorded for any shape cannot have that."""


class Nodes:
    """Nodes and constants in the order of their calls, all names with one prefix."""

    may_cut = True

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def __call__(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add one node of this kind with one output."""
        from onnx import helper

        name = output or f"{self.prefix}/{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def places(self, value: str, axis: int) -> str:
        """``(n,)`` float32 along an axis."""
        size = self("Gather", self("Shape", value), self.constant(axis, np.int64), axis=0)
        return self.cast(self("Range", self.constant(0, np.int64), size, self.constant(1, np.int64)), np.float32)

    def inner(self, name: str) -> Nodes:
        """For a branch of its own."""
        return Nodes(f"{self.prefix}/{name}")

    def branch(self, output: str) -> GraphProto:
        """All of it as a branch of an ``If``, which sees the names around it and gives ``output`` (float32)."""
        from onnx import TensorProto, helper

        value = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        return helper.make_graph(self.nodes, self.prefix, [], [value], self.constants)

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Add a constant."""
        from onnx import numpy_helper

        name = f"{self.prefix}/constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def cast(self, value: str, dtype: Any) -> str:
        """The same numbers in another dtype."""
        from onnx import helper

        return self("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
