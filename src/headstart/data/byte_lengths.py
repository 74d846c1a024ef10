"""How many bytes each encoded input has, without reading what it costs to read."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.data.inputs import Files, Inputs, Joined, Objects, Rows

UNKNOWN = -1


def byte_lengths(inputs: Inputs) -> NDArray[np.int64] | None:
    """``(N,)``; None where one of them would have to be read or encoded first (a picture in memory)."""
    lengths = np.array([_length(inputs, row) for row in range(len(inputs))], np.int64)
    return None if (lengths == UNKNOWN).any() else lengths


def _length(inputs: Inputs, row: int) -> int:
    if isinstance(inputs, Rows):
        return _length(inputs.inputs, int(inputs.rows[row]))
    if isinstance(inputs, Joined):
        n = len(inputs.first)
        return _length(inputs.first, row) if row < n else _length(inputs.second, row - n)
    if isinstance(inputs, Files):
        return _size_of(inputs.paths[row])
    return _of_value(inputs.values[row]) if isinstance(inputs, Objects) else UNKNOWN


def _of_value(value: Any) -> int:
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if isinstance(value, bytes | bytearray | memoryview):
        return memoryview(value).nbytes
    return _size_of(value) if isinstance(value, str | os.PathLike) else UNKNOWN


def _size_of(path: str | os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # ValueError: a null character
        return UNKNOWN
