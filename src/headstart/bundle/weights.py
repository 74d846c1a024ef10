"""weights.safetensors: every tensor and buffer of the networks and every array that was learned, without pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError

HEAD = "head."
POSTPROCESSING = "postprocessing."
METADATA_KEY = "headstart"  # one key only: safetensors writes several in an order that differs from run to run

Arrays = Mapping[str, NDArray[Any]]


def network_prefix(name: str) -> str:
    """Of a network's tensors and buffers."""
    return f"network.{name}."


def fitted_prefix(name: str) -> str:
    """Of the arrays of a fitted backbone."""
    return f"fitted.{name}."


def size_of(groups: Mapping[str, Arrays]) -> int:
    """Bytes of all arrays together."""
    return sum(array.nbytes for arrays in groups.values() for array in arrays.values())


def write_weights(path: Path, groups: Mapping[str, Arrays], class_names_sha256: str) -> None:
    """Write groups of arrays, each under its prefix; the same arrays give the same bytes."""
    from safetensors.numpy import save

    # asarray, not ascontiguousarray: that would give a tensor without axes one of length 1
    tensors = {
        prefix + name: np.asarray(array, order="C") for prefix, group in groups.items() for name, array in group.items()
    }
    metadata = {METADATA_KEY: json.dumps({"class_names_sha256": class_names_sha256})}
    path.write_bytes(save(tensors, metadata=metadata))


def read_weights(path: Path, prefix: str) -> dict[str, NDArray[Any]]:
    """Arrays of one group, of any shape, by name without prefix; raises IntegrityError for a file that is damaged."""
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
