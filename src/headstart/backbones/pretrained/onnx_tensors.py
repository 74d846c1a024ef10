"""Reading the weights in ONNX files, and nothing else of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.errors import IntegrityError

if TYPE_CHECKING:
    from torch import Tensor


def read_onnx_files(paths: Sequence[Path], pinned: str | None) -> tuple[dict[str, Tensor], str]:
    """Tensors of any shape by name of one or several ONNX files, and the hex sha256 of all their bytes in that order.

    Raises:
        IntegrityError: the sha256 is not the pinned one (checked before anything is parsed), or a file is no ONNX.
    """
    contents = [path.read_bytes() for path in paths]
    sha256 = hashlib.sha256(b"".join(contents)).hexdigest()
    if pinned is not None and sha256 != pinned:
        raise IntegrityError(
            f"the weights in {', '.join(str(path) for path in paths)} must have sha256 {pinned}; they have {sha256}. "
            "A file is damaged or was replaced: install the package again."
        )
    tensors: dict[str, Tensor] = {}
    for path, content in zip(paths, contents, strict=True):
        tensors |= _tensors(content, path)
    return tensors, sha256


def _tensors(content: bytes, path: Path) -> dict[str, Tensor]:
    """Floating-point tensors with at least two values, in the file's order: constants of the graph are left out."""
    import onnx
    import torch
    from onnx import numpy_helper

    try:
        graph = onnx.load_from_string(content).graph
        arrays = {each.name: numpy_helper.to_array(each).copy() for each in graph.initializer}
    except Exception as error:  # what protobuf raises for damaged bytes is no class that onnx shows
        raise IntegrityError(f"{path} must be an ONNX model; it cannot be read ({type(error).__name__}).") from None
    floats = {name: array for name, array in arrays.items() if array.dtype.kind == "f" and array.size > 1}
    return {name: torch.from_numpy(array) for name, array in floats.items()}
