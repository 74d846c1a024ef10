"""Ranges of activations, measured on inputs: from what to what 256 steps go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError
from headstart.runtimes.without_telemetry import import_onnxruntime

if TYPE_CHECKING:
    from onnx import ModelProto

STEPS = 255
AT_ONCE = 16  # rows, so that activations take little memory


@dataclass(frozen=True)
class Range:
    """What an activation's 8 bits stand for.

    Attributes:
        low, high: Smallest and largest value; 0 is within, since it must be exact: it pads.
    """

    low: float
    high: float

    @property
    def scale(self) -> float:
        """Size of a step; 1 where nothing ever differs from 0."""
        return (self.high - self.low) / STEPS or 1.0

    @property
    def zero_point(self) -> int:
        """The step that stands for 0."""
        return int(np.clip(round(-self.low / self.scale), 0, STEPS))


def ranges_of(
    model: ModelProto, tensors: Sequence[str], batches: Sequence[NDArray[Any]], threads: int = 1
) -> dict[str, Range]:
    """By tensor, the smallest and the largest value that ``batches`` gave.

    Args:
        model: Of one input ``(B, ...)``; not changed.
        tensors: Names of float activations.
        batches: Of the input.
        threads: Processor threads.

    Raises:
        BackendError: there is no batch, or a value is not finite.
    """
    if not batches:
        raise BackendError("ranges of activations are measured on inputs; there is none.")
    watched = copied(model)
    names = [[reduction(watched, kind, name) for kind in ("ReduceMin", "ReduceMax", "ReduceSum")] for name in tensors]
    ends = [(0.0, 0.0)] * len(tensors)
    for values in activations(watched, [each for group in names for each in group], batches, threads):
        found = np.asarray(values, np.float64).reshape(-1, 3)  # a sum is finite where all values are
        for place, name in enumerate(tensors):
            if not np.isfinite(found[place]).all():
                raise BackendError(f"activations must be finite; those of '{name}' are not.")
            low, high = ends[place]
            ends[place] = min(low, float(found[place, 0])), max(high, float(found[place, 1]))
    return {name: Range(*each) for name, each in zip(tensors, ends, strict=True)}


def reduction(model: ModelProto, kind: str, tensor: str) -> str:
    """Name of the one number that an operator makes of a tensor within the graph: activations need not leave it.

    Args:
        model: Changed.
        kind: "ReduceMin", "ReduceMax" or "ReduceSum".
        tensor: That is reduced.
    """
    from onnx import helper

    made = f"{tensor}/{kind}"
    model.graph.node.append(helper.make_node(kind, [tensor], [made], name=made, keepdims=0))
    return made


def copied(model: ModelProto) -> ModelProto:
    """To be changed."""
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


def activations(model: ModelProto, tensors: Sequence[str], batches: Sequence[NDArray[Any]], threads: int = 1) -> Any:
    """Yield for some rows at a time the arrays of the tensors, in order, as the float32 graph computes them."""
    import onnx

    watched = copied(model)
    known = {each.name for each in watched.graph.output}
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in tensors if name not in known)
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0].name
    for batch in batches:
        for low in range(0, len(batch), AT_ONCE):
            yield session.run(list(tensors), {taken: batch[low : low + AT_ONCE]})
