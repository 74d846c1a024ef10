"""Reading the weights in an ONNX file, and nothing else of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.errors import IntegrityError

if TYPE_CHECKING:
    from torch import Tensor


def onnx_tensors(path: Path) -> dict[str, Tensor]:
    """Floating-point tensors with at least two values by name, in the file's order.

    Constants of the graph (shapes, a slope) are left out. Raises IntegrityError when the file is no ONNX model.
    """
    import onnx
    import torch
    from onnx import numpy_helper

    try:
        graph = onnx.load(path, load_external_data=False).graph
        arrays = {each.name: numpy_helper.to_array(each).copy() for each in graph.initializer}
    except Exception as error:  # what protobuf raises for damaged bytes is no class that onnx shows
        raise IntegrityError(f"{path} must be an ONNX model; it cannot be read ({type(error).__name__}).") from None
    return {
        name: torch.from_numpy(array) for name, array in arrays.items() if array.dtype.kind == "f" and array.size > 1
    }
