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


def ranges_of(model: ModelProto, tensors: Sequence[str], batches: Sequence[NDArray[Any]]) -> dict[str, Range]:
    """By tensor, the smallest and the largest value that ``batches`` gave.

    Args:
        model: Of one input ``(B, ...)``; not changed.
        tensors: Names of float activations.
        batches: Of the input.

    Raises:
        BackendError: there is no batch, or a value is not finite.
    """
    if not batches:
        raise BackendError("ranges of activations are measured on inputs; there is none.")
    lows = dict.fromkeys(tensors, 0.0)
    highs = dict.fromkeys(tensors, 0.0)
    for values in activations(model, tensors, batches):
        for name, array in zip(tensors, values, strict=True):
            if not np.isfinite(array).all():
                raise BackendError(f"activations must be finite; those of '{name}' are not.")
            lows[name] = min(lows[name], float(array.min()))
            highs[name] = max(highs[name], float(array.max()))
    return {name: Range(lows[name], highs[name]) for name in tensors}


def activations(model: ModelProto, tensors: Sequence[str], batches: Sequence[NDArray[Any]]) -> Any:
    """Yield for each batch the arrays of the tensors, in order, as the float32 graph computes them."""
    import onnx

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    known = {each.name for each in watched.graph.output}
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in tensors if name not in known)
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(watched.SerializeToString(), options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0].name
    for batch in batches:
        yield session.run(list(tensors), {taken: batch})
