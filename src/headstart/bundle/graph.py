"""model.onnx: the backbone's graph with the head behind it, for any program that runs ONNX.

Inputs and outputs::

    pretrained backbone   "pixels" uint8 (B, H, W, 3), already resized  ->  "features" (B, D), "logits" (B, K)
    fitted backbone       "descriptors" float32 (B, D)                  ->  "features" (B, D), "logits" (B, K)

"logits" is there when the head is linear; any other head is applied in NumPy behind "features".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headstart.core.errors import BackendError, ShapeError
from headstart.core.learning import Fitted

if TYPE_CHECKING:
    from onnx import ModelProto

PIXELS = "pixels"
DESCRIPTORS = "descriptors"
FEATURES = "features"
LOGITS = "logits"
OPSET = 17  # for graphs without a backbone; Gemm and Identity have not changed since 13
IR_VERSION = 8  # the format that belongs to opset 17: newer ones are refused by older runtimes
LARGEST = 2**31 - 1  # bytes: what one protobuf message may hold


def assemble(backbone_graph: Path | None, fitted: Fitted, feature_dim: int, metadata: Mapping[str, str]) -> bytes:
    """The whole model, checked, as bytes.

    Args:
        backbone_graph: An ONNX file from ``pixels`` to ``features``; None for a fitted backbone.
        fitted: The head; form "linear" becomes a Gemm node.
        feature_dim: D.
        metadata: Written into the model, for example the class names.

    Raises:
        BackendError: the file is not such a graph, or the result is not valid ONNX.
        ShapeError: the head is not for features of this width.
    """
    import onnx

    model = _identity(feature_dim) if backbone_graph is None else _backbone(backbone_graph, feature_dim)
    if fitted.spec.get("form") == "linear":
        _append_linear(model, fitted, feature_dim)
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


def _identity(feature_dim: int) -> ModelProto:
    from onnx import TensorProto, helper

    source = helper.make_tensor_value_info(DESCRIPTORS, TensorProto.FLOAT, ["B", feature_dim])
    target = helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, ["B", feature_dim])
    graph = helper.make_graph(
        [helper.make_node("Identity", [DESCRIPTORS], [FEATURES])], "headstart", [source], [target]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _backbone(path: Path, feature_dim: int) -> ModelProto:
    import onnx

    model = onnx.load(str(path))
    inputs = {value.name: value.type.tensor_type for value in model.graph.input}
    outputs = {value.name: value.type.tensor_type for value in model.graph.output}
    fits = set(inputs) == {PIXELS} and set(outputs) == {FEATURES}
    if not fits or inputs[PIXELS].elem_type != onnx.TensorProto.UINT8:
        raise BackendError(
            f"the backbone's graph must go from uint8 '{PIXELS}' to '{FEATURES}'; "
            f"{path.name} goes from {sorted(inputs)} to {sorted(outputs)}. Export it again."
        )
    width = outputs[FEATURES].shape.dim[-1].dim_value
    if width not in (0, feature_dim):  # 0: the exporter left the width open
        raise BackendError(f"'{FEATURES}' must be {feature_dim} wide; {path.name} gives {width}. Export it again.")
    return model


def _append_linear(model: ModelProto, fitted: Fitted, feature_dim: int) -> None:
    """Add ``logits = features @ weight.T + bias``."""
    from onnx import TensorProto, helper, numpy_helper

    weight = np.ascontiguousarray(fitted.arrays["weight"], dtype=np.float32)  # (K, D)
    bias = np.ascontiguousarray(fitted.arrays["bias"], dtype=np.float32)  # (K,)
    if weight.shape != (len(bias), feature_dim):
        raise ShapeError(
            f"a linear head must have weight (K, D) and bias (K,) with D {feature_dim}; "
            f"got {weight.shape} and {bias.shape}. Solve it on this backbone's features."
        )
    names = ["head.weight", "head.bias"]
    model.graph.initializer.extend(map(numpy_helper.from_array, (weight, bias), names))
    model.graph.node.append(helper.make_node("Gemm", [FEATURES, *names], [LOGITS], name="head", transB=1))
    model.graph.output.append(helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["B", len(bias)]))
