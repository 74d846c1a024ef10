"""Biases that make up for what rounding of weights adds to the mean output of a layer.

Rounded weights differ from what they were by an error that does not depend on the input, so a layer's output is moved,
on the mean, by the error times the mean input. That is known from the inputs that set the ranges, and is taken off the
bias. Nagel, van Baalen, Blankevoort & Welling, "Data-free quantization through weight equalization and bias
correction", ICCV 2019, section 4.2, https://arxiv.org/abs/1906.04721, with means that are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.plain_graph import constants_of
from headstart.compression.ranges import activations

if TYPE_CHECKING:
    from onnx import ModelProto

    from headstart.compression.layers import Layer

SUFFIX = "_corrected"


def correct_biases(model: ModelProto, layers: Sequence[Layer], batches: Sequence[NDArray[Any]]) -> None:
    """Give every layer with a bias one that takes the mean error of its rounded weights off; the model is changed.

    Args:
        model: In float.
        layers: That will be quantized; of products without a bias of their own nothing is corrected.
        batches: Of the input.
    """
    from onnx import numpy_helper

    constants = constants_of(model)
    biased = [each for each in layers if each.has_bias and each.node.input[2] in constants]
    if not biased:
        return
    for layer, moved in zip(biased, _moved_by_rounding(model, biased, batches), strict=True):
        name = layer.node.input[2]
        made = f"{name}_of_{layer.node.output[0]}{SUFFIX}"
        model.graph.initializer.append(numpy_helper.from_array((constants[name] - moved).astype(np.float32), made))
        layer.node.input[2] = made


def _moved_by_rounding(
    model: ModelProto, layers: Sequence[Layer], batches: Sequence[NDArray[Any]]
) -> list[NDArray[np.float64]]:
    """``(out,)`` of each layer: how much more it gives on the mean with rounded weights.

    The layer computes its input with the error in place of its weights, so that strides, groups and padding count.
    """
    import onnx
    from onnx import numpy_helper

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = [f"{layer.node.output[0]}_error" for layer in layers]
    for layer, name in zip(layers, names, strict=True):
        weights = f"{name}_weights"
        watched.graph.initializer.append(numpy_helper.from_array(layer.rounded - layer.weight, weights))
        node = watched.graph.node.add()
        node.CopyFrom(layer.node)
        node.name = name
        node.input[:] = [layer.node.input[0], weights]
        node.output[:] = [name]
    sums, counts = [np.zeros(each.weight.shape[each.axis]) for each in layers], np.zeros(len(layers))
    for values in activations(watched, names, batches):
        for place, (layer, array) in enumerate(zip(layers, values, strict=True)):
            rows = np.moveaxis(array, 1 if layer.node.op_type == "Conv" else -1, -1).reshape(-1, len(sums[place]))
            sums[place] += rows.sum(axis=0, dtype=np.float64)
            counts[place] += len(rows)
    return [total / count for total, count in zip(sums, counts, strict=True)]
