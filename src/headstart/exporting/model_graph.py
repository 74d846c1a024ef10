"""The whole model as one ONNX graph: raw input, network, head, calibration, probabilities.

::

    pictures     "pixels" uint8 (B, H, W, 3), any H and W, upright RGB
    texts        "tokens" int32 (B, T, 2): token and segment, -1 where padded
    recordings   "waveform" float32 (B, S), NaN where padded
                 ->  "probabilities" (B, K) and "logits" (B, K); for numbers "prediction" (B, 1)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle.graph import FEATURES, LOGITS, PREDICTION
from headstart.core.errors import BackendError, ConfigError
from headstart.core.learning import TargetKind
from headstart.core.preprocessing import ImagePreprocessing
from headstart.exporting.exportable import Exportable
from headstart.exporting.graph_nodes import Nodes
from headstart.exporting.picture_graph import resize_nodes
from headstart.postprocessing.postprocessing import CALIBRATOR, Postprocessing

if TYPE_CHECKING:
    from onnx import ModelProto

PROBABILITIES = "probabilities"
PREPARED = "prepared"
ISOTONIC = "isotonic"


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

    proto = onnx.load(str(model.shipped.folder / model.network.graph))
    if isinstance(model.network.preprocessing, ImagePreprocessing):
        _put_resize_before(proto, model.network.input_name, model.network.preprocessing, branches)
    nodes = Nodes("answer")
    held = {output.name for output in proto.graph.output}
    if not held & {LOGITS, PREDICTION}:
        _head(nodes, model)
    width = len(model.head.arrays["bias"])
    outputs = [PREDICTION] if model.kind == "real" else [PROBABILITIES, LOGITS]
    if model.kind != "real":
        _probabilities(nodes, model.kind, model.shipped.postprocessing())
    proto.graph.node.extend(nodes.nodes)
    proto.graph.initializer.extend(nodes.constants)
    del proto.graph.output[:]
    for name in outputs:
        proto.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["B", width]))
    onnx.helper.set_model_props(proto, dict(metadata))
    content: bytes = proto.SerializeToString()
    try:
        onnx.checker.check_model(content, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise BackendError(f"the exported graph must be valid ONNX; the checker says: {error}") from error
    return content


def _put_resize_before(proto: ModelProto, name: str, preprocessing: ImagePreprocessing, branches: bool) -> None:
    """What the network took as ``name`` is now computed from pictures of any size under that name."""
    from onnx import TensorProto, helper

    for node in proto.graph.node:
        for place, each in enumerate(node.input):
            if each == name:
                node.input[place] = PREPARED
    nodes = Nodes("prepare")
    resize_nodes(nodes, name, preprocessing, PREPARED, branches)
    rest = list(proto.graph.node)
    del proto.graph.node[:], proto.graph.input[:]
    proto.graph.node.extend([*nodes.nodes, *rest])
    proto.graph.initializer.extend(nodes.constants)
    proto.graph.input.append(helper.make_tensor_value_info(name, TensorProto.UINT8, ["B", "H", "W", 3]))


def _head(nodes: Nodes, model: Exportable) -> None:
    """Outputs from features, for heads that the bundle's graph does not hold."""
    values = FEATURES
    for _ in range(int(model.head.spec.get("roots", 0))):  # of the size, the sign kept
        values = nodes("Mul", nodes("Sign", values), nodes("Sqrt", nodes("Abs", values)))
    weight, bias = (nodes.constant(model.head.arrays[name]) for name in ("weight", "bias"))
    nodes("Gemm", values, weight, bias, transB=1, output=PREDICTION if model.kind == "real" else LOGITS)


def _probabilities(nodes: Nodes, kind: TargetKind, postprocessing: Postprocessing) -> None:
    """Sigmoid or softmax; a calibrator that the head does not hold comes between."""
    name, arrays = postprocessing.record.calibrator, postprocessing.under(CALIBRATOR)
    if name == ISOTONIC:
        shares = _curves(nodes, _usual(nodes, LOGITS, kind), arrays)
        total = nodes("ReduceSum", shares, nodes.constant([1], np.int64), keepdims=1)
        nodes("Div", shares, nodes.constant(1) if kind == "multilabel" else total, output=PROBABILITIES)
    else:
        values = LOGITS if name == "none" else _affine(nodes, name, arrays, kind)
        _usual(nodes, values, kind, PROBABILITIES)


def _usual(nodes: Nodes, values: str, kind: TargetKind, output: str = "") -> str:
    """Sigmoid for labels, softmax for classes and grades."""
    if kind == "multilabel":
        return nodes("Sigmoid", values, output=output)
    return nodes("Softmax", values, output=output, axis=1)


def _affine(nodes: Nodes, name: str, arrays: Mapping[str, NDArray[Any]], kind: TargetKind) -> str:
    """Logits times a scale plus a shift, of classes centred first; heads that are not linear keep them outside."""
    values = LOGITS
    if kind != "multilabel":
        values = nodes("Sub", LOGITS, nodes("ReduceMean", LOGITS, axes=[1], keepdims=1))
    if name == "temperature":
        return nodes("Div", values, nodes.constant(arrays["temperature"]))
    if name == "vector":
        scaled = nodes("Mul", values, nodes.constant(arrays["scale"]))
        return nodes("Add", scaled, nodes.constant(arrays["shift"]))
    raise ConfigError(f"the calibrator {name!r} cannot be written as operators; it is none of those of this version.")


def _curves(nodes: Nodes, probabilities: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Each column through its own curve of straight pieces: a piece adds its slope times what of it lies below."""
    ends = arrays["ends"]
    corners, heights = np.asarray(arrays["probability"], np.float64), np.asarray(arrays["share"], np.float64)
    width = len(ends) - 1
    column, low, high, slopes = [], [], [], []
    for k in range(width):
        for at in range(int(ends[k]), int(ends[k + 1]) - 1):
            column.append(k)
            low.append(corners[at])
            high.append(corners[at + 1])
            slopes.append((heights[at + 1] - heights[at]) / (corners[at + 1] - corners[at]))
    first = nodes.constant(heights[ends[:-1]][None, :])
    if not column:  # every curve is one level
        return nodes("Add", nodes("Mul", probabilities, nodes.constant(0)), first)
    spread = np.zeros((len(column), width))
    spread[np.arange(len(column)), column] = slopes
    own = nodes("Gather", probabilities, nodes.constant(column, np.int64), axis=1)
    below = nodes(
        "Sub", nodes("Min", nodes("Max", own, nodes.constant(low)), nodes.constant(high)), nodes.constant(low)
    )
    return nodes("Add", nodes("MatMul", below, nodes.constant(spread)), first)
