"""An exported graph made plain: what follows from shapes that are fixed is computed, so that layers stand side by side.

An exporter writes the padding of a layer as a dozen nodes that ask for the input's shape. They must go before ranges
are measured: a quantizer would see them between two layers, and a runtime would compute them at every call.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError
from headstart.runtimes.without_telemetry import import_onnxruntime

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

MOST_PASSES = 64  # each padding that is computed lets the shapes behind it follow


def plain_graph(path: Path) -> ModelProto:
    """The graph with constants folded, batch normalisation and padding merged into convolutions; same numbers.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        BackendError: it cannot read the graph.
    """
    import onnx

    model = onnx.load(str(path))
    for _ in range(MOST_PASSES):
        known = _fixed_sizes(model)
        model = _optimised(model)
        if not known:
            break
    used = {node.domain for node in model.graph.node}
    kept = [each for each in model.opset_import if each.domain in used | {""}]
    model.ClearField("opset_import")
    model.opset_import.extend(kept)
    return model


def constants_of(model: ModelProto) -> dict[str, NDArray[Any]]:
    """Initializers and constant nodes as arrays, by name."""
    from onnx import numpy_helper

    found = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return found


def _fixed_sizes(model: ModelProto) -> int:
    """Write the sizes of axes that shape inference knows in place of nodes that ask for them; how many were."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {each.name: each.type.tensor_type.shape for each in (*inferred.value_info, *inferred.input)}
    constants = constants_of(model)
    asked = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Shape"}
    count = 0
    for node in model.graph.node:
        if node.op_type != "Gather" or node.input[0] not in asked or node.input[1] not in constants:
            continue
        shape, place = shapes.get(asked[node.input[0]]), constants[node.input[1]]
        if shape is None or place.ndim or not shape.dim[int(place)].HasField("dim_value"):
            continue
        _becomes_constant(node, np.array(shape.dim[int(place)].dim_value, np.int64))
        count += 1
    return count


def _becomes_constant(node: NodeProto, value: NDArray[Any]) -> None:
    from onnx import helper, numpy_helper

    node.op_type = "Constant"
    node.ClearField("input")
    node.ClearField("attribute")
    node.attribute.append(helper.make_attribute("value", numpy_helper.from_array(value)))


def _optimised(model: ModelProto) -> ModelProto:
    """By ONNX Runtime, of what is true in any runtime alone: folded constants, merged normalisation and padding."""
    import onnx

    onnxruntime = import_onnxruntime()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "plain.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(target)
        options.log_severity_level = 3
        try:
            onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors are of generated classes without a public base
            raise BackendError(f"onnxruntime cannot read the graph: {error}") from error
        return onnx.load(str(target))
