"""A static INT8 graph from a float32 one: 8-bit weights per channel, 8-bit activations per tensor.

Every layer that multiplies by constant weights (convolution, matrix product) gets its input and its weights through a
pair of QuantizeLinear and DequantizeLinear; runtimes merge such pairs into layers that multiply 8-bit integers. Weights
are symmetric, one scale per output channel, and what rounding them adds to a layer's mean output is taken off its bias
(``bias_correction``); activations asymmetric, one range per tensor, measured on ``batches``. A
convolution's output is quantized too, behind its activation function: a runtime computes the layer in integers from
end to end only then. Jacob and others, CVPR 2018, https://arxiv.org/abs/1712.05877; Nagel and others 2021,
https://arxiv.org/abs/2106.08295.

Large tables of embeddings are stored in 8 bits too (``tables``). Pooling and the features behind it stay in float: an
average has more distinct values than its inputs, and a head was solved on them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.bias_correction import correct_biases, moved_by_rounding
from headstart.compression.layers import Layer, channel_scales, integers, layers_of
from headstart.compression.plain_graph import constants_of, plain_graph
from headstart.compression.ranges import Range, copied, ranges_of
from headstart.compression.tables import quantize_tables
from headstart.core.errors import BackendError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

BOUNDED = ("Clip", "Relu")  # merged into the layer before them
MEANS = 32  # rows that tell means well: there is one value for each place of a map
SUFFIX_Q, SUFFIX_DQ, SUFFIX_INT = "_quantized", "_dequantized", "_int8"


@dataclass(frozen=True)
class Calibration:
    """What inputs tell of a graph, whichever of its layers then stay in float.

    Attributes:
        model: Plain, in float.
        ranges: Of activations that may be quantized, by tensor.
        moved: Of the mean outputs of layers by rounding, by name, see
            :func:`headstart.compression.bias_correction.moved_by_rounding`.
        threads: Processor threads that compute in float.
    """

    model: ModelProto
    ranges: Mapping[str, Range]
    moved: Mapping[str, NDArray[np.float64]]
    threads: int = 1


def calibrated(graph: Path, batches: Sequence[NDArray[Any]], threads: int = 1) -> Calibration:
    """A graph, looked at with inputs.

    Args:
        graph: Of one float32 network: an input ``(B, ...)``, the output ``features``.
        batches: Of the input, ``(B, ...)`` each, whose activations set the ranges; some 64 rows are enough.
        threads: Processor threads.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        BackendError: a range is not finite.
    """
    model = plain_graph(graph)
    layers = layers_of(model)
    ranges = ranges_of(model, quantized_tensors(model, layers), batches, threads)
    some = [batch[: max(1, len(batch) * MEANS // sum(map(len, batches)))] for batch in batches]
    return Calibration(model, ranges, moved_by_rounding(model, layers, some, threads), threads)


def quantized(calibration: Calibration, *, keep: Collection[str] = ()) -> bytes:
    """The graph with its layers in INT8, as a valid ONNX file of the same input and output.

    Args:
        calibration: Of the graph; not changed.
        keep: Names of nodes that are left in float.

    Raises:
        BackendError: the graph has no layer that can be quantized.
    """
    model = copied(calibration.model)
    layers = [layer for layer in layers_of(model) if layer.node.name not in keep]
    if not layers:
        raise BackendError("a graph must have a layer to be quantized; this one has none that is not kept in float.")
    correct_biases(model, layers, calibration.moved)
    quantize_tables(model)
    return inserted(model, layers, {name: calibration.ranges[name] for name in quantized_tensors(model, layers)})


def quantized_tensors(model: ModelProto, layers: Sequence[Layer]) -> list[str]:
    """Activations that are quantized: inputs of layers, outputs of convolutions, the sums between them."""
    readers = _readers(model)
    results = {each.name for each in model.graph.output}
    found = [layer.node.input[0] for layer in layers]
    for layer in layers:
        if layer.node.op_type == "Conv" and (end := _behind(layer.node, readers)) not in results:
            found.append(end)
    known = set(found)
    constants = constants_of(model)
    for node in model.graph.node:
        if node.op_type == "Add" and known.issuperset(node.input) and not constants.keys() & set(node.input):
            found.append(node.output[0])  # of two quantized maps: a shortcut
            known.add(node.output[0])
    return [name for name in dict.fromkeys(found) if name not in results]


def inserted(model: ModelProto, layers: Sequence[Layer], ranges: Mapping[str, Range]) -> bytes:
    """The model with pairs of QuantizeLinear and DequantizeLinear, checked."""
    import onnx

    _saturate(model, layers, ranges)
    for layer in layers:
        _quantize_weight(model, layer, ranges)
    for name, found in ranges.items():
        _quantize_activation(model, name, found)
    _drop_unused(model)
    _sort(model)
    content: bytes = model.SerializeToString()
    try:
        onnx.checker.check_model(content)
    except onnx.checker.ValidationError as error:
        raise BackendError(f"the quantized graph must be valid ONNX; the checker says: {error}") from error
    return content


def _saturate(model: ModelProto, layers: Sequence[Layer], ranges: Mapping[str, Range]) -> None:
    """Leave activation functions out whose bounds are those of the 8 bits behind them: steps saturate just so.

    What ONNX Runtime finds between a convolution and its quantization it computes in float, with the convolution.
    """
    readers, constants = _readers(model), constants_of(model)
    for layer in layers:
        end = _behind(layer.node, readers)
        if layer.node.op_type != "Conv" or end == layer.node.output[0] or end not in ranges:
            continue
        [function] = readers[layer.node.output[0]]
        low, high = _bounds(function, constants)
        if low <= ranges[end].low and ranges[end].high <= high:
            layer.node.output[0] = end
            model.graph.node.remove(function)


def _bounds(function: NodeProto, constants: Mapping[str, NDArray[Any]]) -> tuple[float, float]:
    if function.op_type == "Relu":
        return 0.0, np.inf
    given = [*function.input[1:], "", ""][:2]
    low, high = (constants.get(name) for name in given)
    return -np.inf if low is None else float(low), np.inf if high is None else float(high)


def _quantize_weight(model: ModelProto, layer: Layer, ranges: Mapping[str, Range]) -> None:
    node, scales = layer.node, channel_scales(layer.weight, layer.axis)
    name = node.input[1]
    made = name + SUFFIX_DQ
    if not any(made in other.output for other in model.graph.node):
        _add_constant(model, name + SUFFIX_INT, integers(layer.weight, scales, layer.axis))
        _dequantize(model, name + SUFFIX_INT, made, scales, np.zeros(len(scales), np.int8), layer.axis)
    node.input[1] = made
    if layer.has_bias:
        _quantize_bias(model, node, scales * ranges[node.input[0]].scale)


def _quantize_bias(model: ModelProto, node: NodeProto, scales: NDArray[np.float32]) -> None:
    """In 32-bit steps of the products that it is added to."""
    bias = constants_of(model).get(node.input[2])
    if bias is None:
        return
    made = f"{node.input[2]}_of_{node.output[0]}"
    steps = np.clip(np.rint(bias / scales.astype(np.float64)), -(2**31), 2**31 - 1).astype(np.int32)
    _add_constant(model, made + SUFFIX_INT, steps)
    _dequantize(model, made + SUFFIX_INT, made + SUFFIX_DQ, scales, np.zeros(len(scales), np.int32), 0)
    node.input[2] = made + SUFFIX_DQ


def _quantize_activation(model: ModelProto, name: str, found: Range) -> None:
    """Every reader of a tensor takes what is left of it after 8 bits."""
    from onnx import helper

    readers = [node for node in model.graph.node if name in node.input]
    for node in readers:
        node.input[:] = [name + SUFFIX_DQ if each == name else each for each in node.input]
    scale, zero = np.array(found.scale, np.float32), np.array(found.zero_point, np.uint8)
    _add_constant(model, name + "_scale", scale)
    _add_constant(model, name + "_zero_point", zero)
    parameters = [name + "_scale", name + "_zero_point"]
    ends = [name + SUFFIX_Q, name + SUFFIX_DQ]
    model.graph.node.append(helper.make_node("QuantizeLinear", [name, *parameters], ends[:1], name=ends[0]))
    model.graph.node.append(helper.make_node("DequantizeLinear", [ends[0], *parameters], ends[1:], name=ends[1]))


def _dequantize(
    model: ModelProto, source: str, made: str, scales: NDArray[np.float32], zeros: NDArray[Any], axis: int
) -> None:
    from onnx import helper

    _add_constant(model, made + "_scale", scales.astype(np.float32))
    _add_constant(model, made + "_zero_point", zeros)
    inputs = [source, made + "_scale", made + "_zero_point"]
    model.graph.node.append(helper.make_node("DequantizeLinear", inputs, [made], name=made, axis=axis))


def _add_constant(model: ModelProto, name: str, values: NDArray[Any]) -> None:
    from onnx import numpy_helper

    # asarray, not ascontiguousarray: that makes a scale that must be a scalar an array of one
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(values, order="C"), name))


def _behind(node: NodeProto, readers: Mapping[str, list[NodeProto]]) -> str:
    """The output of a layer, or of the activation function that alone reads it."""
    following = readers.get(node.output[0], [])
    is_bounded = len(following) == 1 and following[0].op_type in BOUNDED
    return str(following[0].output[0] if is_bounded else node.output[0])


def _readers(model: ModelProto) -> dict[str, list[NodeProto]]:
    found: dict[str, list[NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            found.setdefault(name, []).append(node)
    return found


def _drop_unused(model: ModelProto) -> None:
    read = {name for node in model.graph.node for name in node.input} | {each.name for each in model.graph.output}
    kept = [each for each in model.graph.initializer if each.name in read]
    model.graph.ClearField("initializer")
    model.graph.initializer.extend(kept)


def _sort(model: ModelProto) -> None:
    """Every node behind those that it reads from, as the format asks."""
    there = {each.name for each in (*model.graph.initializer, *model.graph.input)} | {""}
    waiting, ordered = list(model.graph.node), list[Any]()
    while waiting:
        ready = [node for node in waiting if there.issuperset(node.input)]
        assert ready, "a graph has no circle"  # noqa: S101 - pairs were inserted on edges
        ordered += ready
        there |= {name for node in ready for name in node.output}
        waiting = [node for node in waiting if not there.issuperset(node.output)]
    model.graph.ClearField("node")
    model.graph.node.extend(ordered)
