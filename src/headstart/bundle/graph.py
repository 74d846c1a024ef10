"""A network's graph as a bundle holds it, for any program that runs ONNX.

Inputs and outputs::

    pictures     "pixels" uint8 (B, H, W, 3), already resized                  ->  "features" (B, D), "logits" (B, K)
    texts        "tokens" int32 (B, T, 2): token and segment, -1 where padded  ->  the same
    recordings   "waveform" float32 (B, S), NaN where padded                   ->  the same

Of pictures there is a third output where the network ends by averaging a map: "maps" (B, D, h, w), whose mean over the
plane the features are. A linear head applied to each of its places says where the picture speaks for a class.

The head is part of the graph when it is linear and reads the features of this network alone; its output is called
"prediction" where targets are numbers. Any other head is applied in NumPy behind "features".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import BackendError, ShapeError
from headstart.core.learning import Fitted, TargetKind

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

FEATURES = "features"
LOGITS = "logits"
PREDICTION = "prediction"
MAPS = "maps"
PIXELS = "pixels"
AVERAGES = ("GlobalAveragePool", "ReduceMean")
SHAPES_ALONE = ("Flatten", "Reshape", "Squeeze", "Identity", "Dropout")  # change no number
HEAD_NODE, HEAD_ARRAYS = "head", ("head.weight", "head.bias")
LARGEST = 2**31 - 1  # bytes: what one protobuf message may hold


def output_name(kind: TargetKind) -> str:
    """What the head's output is called."""
    return PREDICTION if kind == "real" else LOGITS


def assemble(
    network_graph: Path,
    input_name: str,
    input_dtype: str,
    feature_dim: int,
    metadata: Mapping[str, str],
    head: Fitted | None = None,
    head_output: str = LOGITS,
) -> bytes:
    """The whole model, checked, as bytes.

    Args:
        network_graph: An ONNX file from ``input_name`` to ``features``.
        input_name: "pixels", "tokens", "waveform".
        input_dtype: NumPy's name of its dtype.
        feature_dim: D.
        metadata: Written into the model, for example the class names.
        head: Appended when its form is "linear".
        head_output: What its output is called.

    Raises:
        BackendError: the file is not such a graph, or the result is not valid ONNX.
        ShapeError: the head is not for features of this width.
    """
    import onnx

    model = _checked(network_graph, input_name, input_dtype, feature_dim)
    if head is not None and head.spec.get("form") == "linear":
        _append_linear(model, head, feature_dim, head_output)
    if input_name == PIXELS:
        _append_maps(model, feature_dim)
    for node in model.graph.node:
        node.ClearField("doc_string")  # exporters may write paths of the exporting machine there
    onnx.helper.set_model_props(model, dict(metadata))
    content: bytes = model.SerializeToString()
    if len(content) > LARGEST:
        raise BackendError(f"an ONNX file must stay below 2 GiB; this model takes {len(content):,} bytes.")
    try:
        onnx.checker.check_model(content)
    except onnx.checker.ValidationError as error:
        raise BackendError(f"the assembled model must be valid ONNX; the checker says: {error}") from error
    return content


def without_head(path: Path) -> None:
    """Take from an assembled file what :func:`assemble` added, in place: what is left goes to the features alone."""
    import onnx

    model = onnx.load(str(path))
    graph = model.graph
    parts = {
        "node": [each for each in graph.node if each.name not in (HEAD_NODE, MAPS)],
        "initializer": [each for each in graph.initializer if each.name not in HEAD_ARRAYS],
        "output": [each for each in graph.output if each.name == FEATURES],
    }
    for name, kept in parts.items():
        graph.ClearField(name)
        getattr(graph, name).extend(kept)
    onnx.save(model, str(path))


def _checked(path: Path, input_name: str, input_dtype: str, feature_dim: int) -> ModelProto:
    import onnx

    model = onnx.load(str(path))
    inputs = {value.name: value.type.tensor_type for value in model.graph.input}
    outputs = {value.name: value.type.tensor_type for value in model.graph.output}
    element = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(input_dtype))
    if set(inputs) != {input_name} or set(outputs) != {FEATURES} or inputs[input_name].elem_type != element:
        raise BackendError(
            f"the network's graph must go from {input_dtype} '{input_name}' to '{FEATURES}'; "
            f"{path.name} goes from {sorted(inputs)} to {sorted(outputs)}. Export it again."
        )
    width = outputs[FEATURES].shape.dim[-1].dim_value
    if width not in (0, feature_dim):  # 0: the exporter left the width open
        raise BackendError(f"'{FEATURES}' must be {feature_dim} wide; {path.name} gives {width}. Export it again.")
    return model


def _append_linear(model: ModelProto, head: Fitted, feature_dim: int, output: str) -> None:
    """Add ``output = features @ weight.T + bias``."""
    from onnx import TensorProto, helper, numpy_helper

    weight = np.ascontiguousarray(head.arrays["weight"], dtype=np.float32)  # (W, D)
    bias = np.ascontiguousarray(head.arrays["bias"], dtype=np.float32)  # (W,)
    if weight.shape != (len(bias), feature_dim):
        raise ShapeError(
            f"a linear head must have weight (W, D) and bias (W,) with D {feature_dim}; "
            f"got {weight.shape} and {bias.shape}. Solve it on this network's features."
        )
    model.graph.initializer.extend(map(numpy_helper.from_array, (weight, bias), HEAD_ARRAYS))
    model.graph.node.append(helper.make_node("Gemm", [FEATURES, *HEAD_ARRAYS], [output], name=HEAD_NODE, transB=1))
    model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["B", len(bias)]))


def _append_maps(model: ModelProto, feature_dim: int) -> None:
    """Add the map whose average the features are, where the graph ends by one."""
    from onnx import TensorProto, helper

    makes = {output: node for node in model.graph.node for output in node.output}
    node = makes.get(FEATURES)
    while node is not None and node.op_type in SHAPES_ALONE:
        node = makes.get(node.input[0])
    if node is None or node.op_type not in AVERAGES or not _is_over_the_plane(model, node):
        return
    model.graph.node.append(helper.make_node("Identity", [node.input[0]], [MAPS], name=MAPS))
    shape: list[str | int | None] = ["batch", feature_dim, "rows", "columns"]
    model.graph.output.append(helper.make_tensor_value_info(MAPS, TensorProto.FLOAT, shape))


def _is_over_the_plane(model: ModelProto, node: NodeProto) -> bool:
    """Whether an average is over the last two axes of four: of channels-last maps and tokens it is not."""
    from onnx import numpy_helper

    if node.op_type == "GlobalAveragePool":
        return True
    axes = [list(attribute.ints) for attribute in node.attribute if attribute.name == "axes"]
    constants = {value.name: value for value in model.graph.initializer}
    if len(node.input) > 1 and node.input[1] in constants:  # from opset 18 on the axes are an input
        axes = [numpy_helper.to_array(constants[node.input[1]]).tolist()]
    return axes in ([[2, 3]], [[-1, -2]], [[-2, -1]])
