"""weights.safetensors: every tensor and buffer of the backbone and every array of the head, without pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError

BACKBONE = "backbone."
HEAD = "head."
METADATA_KEY = "headstart"  # one key only: safetensors writes several in an order that differs from run to run

Arrays = Mapping[str, NDArray[Any]]


def size_of(*groups: Arrays) -> int:
    """Bytes of all arrays together."""
    return sum(array.nbytes for arrays in groups for array in arrays.values())


def write_weights(path: Path, backbone: Arrays, head: Arrays, class_names_sha256: str) -> None:
    """Write both groups under their prefixes; the same arrays give the same bytes."""
    from safetensors.numpy import save

    # asarray, not ascontiguousarray: that would give a tensor without axes one of length 1
    tensors = {BACKBONE + name: np.asarray(array, order="C") for name, array in backbone.items()}
    tensors |= {HEAD + name: np.asarray(array, order="C") for name, array in head.items()}
    metadata = {METADATA_KEY: json.dumps({"class_names_sha256": class_names_sha256})}
    path.write_bytes(save(tensors, metadata=metadata))


def read_weights(path: Path, prefix: str) -> dict[str, NDArray[Any]]:
    """Arrays of one group, ``BACKBONE`` or ``HEAD``, without their prefix."""
    with _opened(path) as stream:
        return {name.removeprefix(prefix): stream.get_tensor(name) for name in stream.keys() if name.startswith(prefix)}


def read_class_names_sha256(path: Path) -> str:
    """The hash of the class names that these weights were fitted with."""
    with _opened(path) as stream:
        stated = json.loads((stream.metadata() or {}).get(METADATA_KEY, "{}"))
    return str(stated.get("class_names_sha256", ""))


def _opened(path: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(path, framework="numpy")
    except SafetensorError as error:
        raise IntegrityError(
            f"{path.name} must be a safetensors file; it cannot be read ({error}). Copy the bundle again."
        ) from None
