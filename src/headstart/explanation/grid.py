"""Cells over a plane: how many there are, which cell a pixel lies in, maps brought to cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 14  # along the longer side of a picture: 16 pixels of 224, half a step of most networks' last map


def cells_of(height: int, width: int, most: int = CELLS) -> tuple[int, int]:
    """Rows and columns of nearly square cells, ``most`` along the longer side and no more than there are pixels.

    >>> cells_of(224, 224), cells_of(100, 200), cells_of(6, 3)
    ((14, 14), (7, 14), (6, 3))
    """
    side = max(height, width) / min(most, max(height, width))
    return max(1, round(height / side)), max(1, round(width / side))


def edges(length: int, cells: int) -> NDArray[np.int64]:
    """``(cells + 1,)``: where each of ``cells`` stretches of ``length`` begins, and the end; none is empty."""
    return np.asarray(np.arange(cells + 1) * length // cells, np.int64)


def spread(kept: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """A value for each cell ``(n, R, C)`` to one for each pixel ``(n, H, W)``."""
    rows = np.repeat(np.arange(kept.shape[1]), np.diff(edges(height, kept.shape[1])))
    columns = np.repeat(np.arange(kept.shape[2]), np.diff(edges(width, kept.shape[2])))
    return np.asarray(kept[:, rows][:, :, columns])


def summed(pixels: NDArray[Any], cells: tuple[int, int]) -> NDArray[np.float64]:
    """A value for each pixel ``(H, W)`` to the sum in each cell ``(R, C)``."""
    rows, columns = (edges(length, count)[:-1] for length, count in zip(pixels.shape, cells, strict=True))
    by_row = np.add.reduceat(np.asarray(pixels, np.float64), rows, axis=0)
    return np.asarray(np.add.reduceat(by_row, columns, axis=1))


def averaged(pixels: NDArray[Any], cells: tuple[int, int]) -> NDArray[np.float64]:
    """A value for each pixel ``(H, W)`` to the mean in each cell ``(R, C)``."""
    return summed(pixels, cells) / summed(np.ones(pixels.shape), cells)


def resampled(values: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    """A coarse map ``(h, w)`` to ``(H, W)``, linearly between the middles of its cells, flat beyond the outer ones."""
    across = _linear(np.asarray(values, np.float64), width)
    return _linear(across.T, height).T


def _linear(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The last axis ``n`` to ``length``."""
    n = values.shape[-1]
    place = np.clip((np.arange(length) + 0.5) * n / length - 0.5, 0, n - 1)
    low = np.minimum(place.astype(np.int64), max(n - 2, 0))
    part = place - low
    return np.asarray(values[..., low] * (1 - part) + values[..., np.minimum(low + 1, n - 1)] * part)
