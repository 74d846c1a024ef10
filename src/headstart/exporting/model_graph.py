"""The whole model as one ONNX graph: raw inputs, features, head, calibration, probabilities.

::

    pictures       "pixels" uint8 (B, H, W, 3), any H and W, upright RGB
    texts          "tokens" int32 (B, T, 2): token and segment, -1 where padded; where words are counted
                   "terms" int32 (B, T, 2): number of a term and its count, -1 where padded
    recordings     "waveform" float32 (B, S), NaN where padded
    plain columns  "values" float64 (B, C), see ``column_nodes``
                   ->  "probabilities" (B, K) and "logits" (B, K); for numbers "prediction" (B, 1)

A model of several sources takes several of these, the second of a kind as "pixels_2".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.bundle.graph import FEATURES, LOGITS, PREDICTION
from headstart.core.errors import BackendError
from headstart.exporting.exportable import Exportable
from headstart.exporting.graph_nodes import Nodes
from headstart.exporting.model_nodes import model_nodes, output_width, outputs_of, shapes_of
from headstart.runtimes.onnx_graph import OPSET

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

LARGEST = 2**31 - 1  # bytes: what one protobuf message may hold
IR_VERSION = 8  # of files with opset 17


def whole_graph(model: Exportable, metadata: Mapping[str, str], branches: bool = True) -> bytes:
    """The graph with all that can be in it, checked, as bytes.

    Args:
        model: What is exported.
        metadata: Written into the file.
        branches: Whether the format's runtime is sound where a graph branches.

    Raises:
        BackendError: the result is not valid ONNX.
        ConfigError: the calibrator cannot be written as operators.
    """
    import onnx

    nodes = Nodes("model")
    alone = len(model.sources) == 1

    def network(place: int, given: str) -> tuple[str, str | None]:
        source = model.sources[place]
        proto = onnx.load(str(model.shipped.folder / model.network(source).graph)).graph
        found = _spliced(nodes, proto, given, "" if alone else f"{place}/", "" if alone else f"{source.name}/")
        return found[FEATURES], found.get(LOGITS, found.get(PREDICTION))

    for name, value in model_nodes(
        nodes, model, {each.name: each.name for each in model.inputs}, network, branches
    ).items():
        if value != name:
            nodes("Identity", value, output=name)
    return _checked(onnx, _assembled(model, nodes, metadata))


def _assembled(model: Exportable, nodes: Nodes, metadata: Mapping[str, str]) -> ModelProto:
    from onnx import TensorProto, helper

    taken = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)
        for name, (dtype, shape) in shapes_of(model).items()
    ]
    width = output_width(model)
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", width]) for name in outputs_of(model)]
    graph = helper.make_graph(nodes.nodes, "model", taken, given, nodes.constants)
    proto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="headstart"
    )
    helper.set_model_props(proto, dict(metadata))
    return proto


def _checked(onnx: Any, proto: ModelProto) -> bytes:
    content: bytes = proto.SerializeToString()
    if len(content) > LARGEST:
        raise BackendError(f"an ONNX file must stay below 2 GiB; this model takes {len(content):,} bytes.")
    try:
        onnx.checker.check_model(content, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise BackendError(f"the exported graph must be valid ONNX; the checker says: {error}") from error
    return content


def _spliced(nodes: Nodes, graph: GraphProto, given: str, prefix: str, shared: str) -> dict[str, str]:
    """Add a network that takes ``given``; names of its outputs, by their own.

    Args:
        nodes: What it is added to.
        graph: Of one input.
        given: In place of that.
        prefix: Of what it computes: a network that sees two inputs comes twice.
        shared: Of its weights, which then come once.
    """
    weights = {each.name for each in graph.initializer}
    [taken] = graph.input

    def renamed(name: str) -> str:
        if not name:  # an input that is left out
            return name
        return given if name == taken.name else f"{shared if name in weights else prefix}{name}"

    for node in graph.node:
        _rename(node, renamed)
        nodes.nodes.append(node)
    there = {each.name for each in nodes.constants}
    for weight in graph.initializer:
        weight.name = renamed(weight.name)
        if weight.name not in there:
            nodes.constants.append(weight)
    return {each.name: renamed(each.name) for each in graph.output}


def _rename(node: Any, renamed: Callable[[str], str]) -> None:
    """All names that a node and the branches in it use."""
    node.name = renamed(node.name)
    node.input[:] = [renamed(name) for name in node.input]
    node.output[:] = [renamed(name) for name in node.output]
    for attribute in node.attribute:
        for inner in attribute.g.node:
            _rename(inner, renamed)
        for output in attribute.g.output:
            output.name = renamed(output.name)
        for weight in attribute.g.initializer:
            weight.name = renamed(weight.name)
