"""Biases that make up for what rounding of weights adds to the mean output of a layer.

Rounded weights differ from what they were by an error that does not depend on the input, so a layer's output is moved,
on the mean, by the error times the mean input. That is known from the inputs that set the ranges, and is taken off the
bias. Nagel, van Baalen, Blankevoort & Welling, "Data-free quantization through weight equalization and bias
correction", ICCV 2019, section 4.2, https://arxiv.org/abs/1906.04721, with means that are measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.compression.plain_graph import constants_of
from headstart.compression.ranges import activations, copied

if TYPE_CHECKING:
    from onnx import ModelProto

    from headstart.compression.layers import Layer

SUFFIX = "_corrected"


def correct_biases(model: ModelProto, layers: Sequence[Layer], moved: Mapping[str, NDArray[np.float64]]) -> None:
    """Give every layer with a bias one that takes the mean error of its rounded weights off; the model is changed.

    Args:
        model: In float.
        layers: That will be quantized; of products without a bias of their own nothing is corrected.
        moved: Of :func:`moved_by_rounding`.
    """
    from onnx import numpy_helper

    constants = constants_of(model)
    for layer in layers:
        if layer.node.name not in moved:
            continue
        name = layer.node.input[2]
        made = f"{name}_of_{layer.node.output[0]}{SUFFIX}"
        corrected = (constants[name] - moved[layer.node.name]).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(corrected, made))
        layer.node.input[2] = made


def moved_by_rounding(
    model: ModelProto, layers: Sequence[Layer], batches: Sequence[NDArray[Any]], threads: int = 1
) -> dict[str, NDArray[np.float64]]:
    """``(out,)`` by name of each layer with a constant bias: how much more it gives on the mean with rounded weights.

    The layer computes its input with the error in place of its weights, so that strides, groups and padding count.

    Args:
        model: In float; not changed.
        layers: Of it.
        batches: Of the input.
        threads: Processor threads.
    """
    from onnx import helper, numpy_helper

    constants = constants_of(model)
    biased = [each for each in layers if each.has_bias and each.node.input[2] in constants]
    watched, names = copied(model), list[str]()
    for layer in biased:
        error = f"{layer.node.output[0]}_error"
        watched.graph.initializer.append(numpy_helper.from_array(layer.rounded - layer.weight, f"{error}_weights"))
        node = watched.graph.node.add()
        node.CopyFrom(layer.node)
        node.name = error
        node.input[:] = [layer.node.input[0], f"{error}_weights"]
        node.output[:] = [error]
        axes = [0, *range(2, layer.weight.ndim)] if layer.node.op_type == "Conv" else [0]
        mean, shape = f"{error}_mean", f"{error}_shape"
        watched.graph.node.append(helper.make_node("ReduceMean", [error], [mean], name=mean, axes=axes, keepdims=0))
        watched.graph.node.append(helper.make_node("Shape", [error], [shape], name=shape))
        names += [mean, shape]
    sums, counts = [np.zeros(each.weight.shape[each.axis]) for each in biased], np.zeros(len(biased))
    for values in activations(watched, names, batches, threads) if biased else ():
        for place, (mean, shape) in enumerate(zip(values[::2], values[1::2], strict=True)):
            count = np.prod(shape) / len(mean)
            sums[place] += count * mean
            counts[place] += count
    return {layer.node.name: total / count for layer, total, count in zip(biased, sums, counts, strict=True)}
