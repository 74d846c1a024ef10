"""Principal coordinates: the singular value decomposition of features by way of the smaller Gram matrix."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_kept = threading.local()


@contextlib.contextmanager
def decomposed_once() -> Iterator[None]:
    """What is decomposed inside, by this thread, is kept until it ends: several scores decompose the same rows."""
    _kept.found = {}
    try:
        yield
    finally:
        del _kept.found


def principal_coordinates(rows: Floats) -> tuple[Floats, Floats]:
    """Rotate rows so that the columns are orthogonal, the longest first, and drop columns that are rounding.

    With the decomposition ``rows = U S V'`` these are ``U S`` and the squares of S. An eigendecomposition of order
    min(N, D) is several times faster than a singular value decomposition; directions whose squared length is below
    ``max(N, D)`` units of rounding of the largest are lost, which float32 features do not hold anyway.

    Args:
        rows: ``(N, D)``; centre them before for principal components.

    Returns:
        Coordinates ``(N, r)`` and the squared lengths ``(r,)`` of their columns, above 0, falling; r is the rank and
        may be 0.
    """
    found: dict[bytes, tuple[Floats, Floats]] | None = getattr(_kept, "found", None)
    if found is None:
        return _decomposed(rows)
    content = np.ascontiguousarray(rows)
    key = hashlib.blake2b(repr((rows.shape, rows.dtype.str)).encode() + content.tobytes()).digest()
    if key not in found:
        found[key] = _decomposed(rows)
        for part in found[key]:
            part.flags.writeable = False  # others will read it
    return found[key]


def _decomposed(rows: Floats) -> tuple[Floats, Floats]:
    n, d = rows.shape
    values, vectors = np.linalg.eigh(rows @ rows.T if n < d else rows.T @ rows)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > max(n, d) * np.finfo(np.float64).eps * max(values[0], 0.0)
    kept &= values > np.finfo(np.float64).tiny
    squares, vectors = values[kept], vectors[:, kept]
    coordinates = vectors * np.sqrt(squares) if n < d else rows @ vectors
    return np.ascontiguousarray(coordinates), squares
