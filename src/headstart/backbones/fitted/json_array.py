"""Small facts of any shape as one array, so that what was fitted is arrays alone and is written without pickle."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_array(document: Any) -> NDArray[np.uint8]:
    """JSON as UTF-8 bytes ``(L,)``; floats come back bit for bit."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).copy()


def from_array(array: NDArray[np.uint8]) -> Any:
    """The document again, of the bytes ``(L,)``."""
    return json.loads(array.tobytes().decode("utf-8", "surrogatepass"))
