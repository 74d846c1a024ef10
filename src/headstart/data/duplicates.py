"""Near-duplicates: the same picture resized, recompressed or differently exposed. Not: pictures that look alike.

A fingerprint is the picture averaged to 16 x 16. Two pictures are the same when three things agree: the correlation
of their brightness, the correlation of what remains after the local mean is taken away (edges and texture, where
look-alikes differ), and their colours. Copies at half the size, 1.3 times the size, or JPEG quality 40 stay above both
bounds; different brain scans reach 0.95 and 0.82, different clothes 0.95 and 0.86. Photographs of one magnetic tile
under six lamps are found too, as they must be: a tile on both sides of a split is a leak. Not found: flipped, rotated
or cut copies, and copies of pictures of about 32 pixels at half their size.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.resources import one_blas_thread
from headstart.data.grouping import DisjointSets, join_groups

# Bump when fingerprints change: it is part of the address under which they are kept.
VERSION = 1
GRID = 16  # cells per side of the brightness part
COLOUR_GRID = 4  # cells per side of the colour part
LENGTH = GRID * GRID + 2 * COLOUR_GRID * COLOUR_GRID
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # BT.601, as in JPEG
SAME_BRIGHTNESS = 0.98  # smallest correlation at 16 x 16
SAME_DETAIL = 0.90  # the same, after the local mean is taken away
SAME_COLOUR = 10.0  # largest root mean square difference of red and blue minus luma, in grey levels (0-255)
SCREEN = 0.93  # smallest correlation of detail at 8 x 8; copies stay above 0.95, and it costs a quarter
FLAT = 1.0, 0.25  # standard deviations in grey levels below which a picture has nothing to compare
BLOCK = 512  # rows compared with as many others at a time: 1 MiB of correlations, which stays in the cache
DENSE = 0.01  # share of a block's pairs from which comparing all at once is cheaper than one by one


def fingerprint(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``(B, 288)`` float32 in grey levels: brightness 16 x 16, red and blue minus luma 4 x 4; from ``(B, H, W, 3)``."""
    if pixels.ndim != 4 or pixels.shape[3] != 3 or 0 in pixels.shape[1:]:
        raise ShapeError(f"pixels must have shape (B, H, W, 3) with H and W above 0; got {pixels.shape}.")
    n = len(pixels)
    cells = _cell_means(pixels)  # (B, 16, 16, 3)
    luma = cells @ LUMA
    colour = cells[..., (0, 2)] - luma[..., None]
    side = GRID // COLOUR_GRID
    colour = colour.reshape(n, COLOUR_GRID, side, COLOUR_GRID, side, 2).mean((2, 4))
    marks: NDArray[np.float32] = np.concatenate([luma.reshape(n, -1), colour.reshape(n, -1)], axis=1, dtype=np.float32)
    return marks


def near_duplicate_groups(keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
    """Group number of each row: equal bytes, or the same picture by its fingerprint.

    Time grows with the square of N (a few seconds for 50,000), memory does not: about 30 MiB beside three copies of
    the fingerprints.

    Args:
        keys: ``(N, 32)`` sha256 of the bytes.
        fingerprints: ``(N, 288)`` of :func:`fingerprint`.

    Returns:
        ``(N,)`` group numbers from 0, in order of first row; a picture without a duplicate is alone in its group.
    """
    if fingerprints.shape != (len(keys), LENGTH):
        raise ShapeError(f"fingerprints must have shape ({len(keys)}, {LENGTH}); got {fingerprints.shape}.")
    identical = np.unique(_as_words(keys), axis=0, return_inverse=True)[1].reshape(-1) if len(keys) else np.arange(0)
    first = np.unique(identical, return_index=True)[1]  # one row for each content: copies of bytes cost nothing
    sets = DisjointSets(len(first))
    with one_blas_thread():  # two threads wait for each other at this size: nine times the processor time
        _unite_same_pictures(_Marks(fingerprints[first]), sets)
    return join_groups(identical, sets.roots()[identical])


def _unite_same_pictures(marks: _Marks, sets: DisjointSets) -> None:
    n = len(marks.screen)
    room = np.empty((BLOCK, BLOCK), np.float32)  # taken once: to allocate it for each block costs as much as filling it
    for top in range(0, n, BLOCK):
        for left in range(top, n, BLOCK):
            a, b = marks.screen[top : top + BLOCK], marks.screen[left : left + BLOCK]
            alike = np.matmul(a, b.T, out=room[: len(a), : len(b)]) > SCREEN
            if top == left:
                alike = np.triu(alike, 1)
            count = int(np.count_nonzero(alike))
            if count > DENSE * alike.size:
                _unite_dense_block(alike, marks, top, left, sets)
            elif count:
                rows, others = np.nonzero(alike)
                for row, other in marks.agreeing(rows + top, others + left):
                    sets.union(row, other)


def _unite_dense_block(alike: NDArray[np.bool_], marks: _Marks, top: int, left: int, sets: DisjointSets) -> None:
    """Unite where ``alike`` and the rest agree; what is together already is passed over, or it would cost all pairs."""
    roots = sets.roots()
    if (roots[top : top + BLOCK] == roots[top]).all() and (roots[left : left + BLOCK] == roots[top]).all():
        return
    alike &= marks.agree_blockwise(top, left)
    for row in range(len(alike)):
        others = np.flatnonzero(alike[row]) + left
        others = others[roots[others] != roots[row + top]]
        for other in others.tolist():
            sets.union(row + top, other)
        if len(others):
            roots = sets.roots()


class _Marks:
    """The normalised parts of N fingerprints."""

    def __init__(self, fingerprints: NDArray[np.float32]) -> None:
        n = len(fingerprints)
        luma = fingerprints[:, : GRID * GRID].reshape(n, GRID, GRID)
        half = luma.reshape(n, GRID // 2, 2, GRID // 2, 2).mean((2, 4))
        self.colour = fingerprints[:, GRID * GRID :]
        self.brightness = _unit(luma, FLAT[0])
        self.detail = _unit(_without_local_mean(luma), FLAT[1])
        self.screen = _unit(_without_local_mean(half), FLAT[1])

    def agreeing(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> list[tuple[int, int]]:
        """The given pairs that agree."""
        same = np.einsum("nd,nd->n", self.brightness[rows], self.brightness[others]) > SAME_BRIGHTNESS
        rows, others = rows[same], others[same]
        same = np.einsum("nd,nd->n", self.detail[rows], self.detail[others]) > SAME_DETAIL
        rows, others = rows[same], others[same]
        same = np.square(self.colour[rows] - self.colour[others]).mean(axis=1) <= SAME_COLOUR**2
        return list(zip(rows[same].tolist(), others[same].tolist(), strict=True))

    def agree_blockwise(self, top: int, left: int) -> NDArray[np.bool_]:
        """Which pairs of two blocks agree, ``(BLOCK, BLOCK)``, computed for all pairs at once."""
        a, b = slice(top, top + BLOCK), slice(left, left + BLOCK)
        same = self.brightness[a] @ self.brightness[b].T > SAME_BRIGHTNESS
        same &= self.detail[a] @ self.detail[b].T > SAME_DETAIL
        squares = np.square(self.colour).sum(axis=1)
        distances = squares[a, None] + squares[None, b] - 2 * (self.colour[a] @ self.colour[b].T)
        return np.asarray(same & (distances <= SAME_COLOUR**2 * self.colour.shape[1]))


def _cell_means(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means ``(B, 16, 16, 3)`` of a grid laid over the pictures; below 16 pixels, cells repeat pixels."""
    n, height, width, _ = pixels.shape
    rows, columns = np.array(_edges(height)), np.array(_edges(width))
    # Sums of up to 257 rows fit 16 bits, which is ten times as fast as numpy.add.reduceat; all sums are exact.
    kind = np.uint16 if np.diff(rows).max() <= 257 else np.uint32
    lines = pixels.reshape(n, height, width * 3)
    bands = np.stack([lines[:, start:end].sum(axis=1, dtype=kind) for start, end in rows], axis=1)
    running = np.zeros((n, GRID, width + 1, 3), np.uint32)
    np.cumsum(bands.reshape(n, GRID, width, 3), axis=2, dtype=np.uint32, out=running[:, :, 1:])
    sums = running[:, :, columns[:, 1]] - running[:, :, columns[:, 0]]
    areas = np.diff(rows)[:, None] * np.diff(columns)[None, :]
    return np.asarray(sums / areas, np.float32)


def _edges(length: int) -> list[tuple[int, int]]:
    """Start and end of 16 cells of at least one pixel each."""
    starts = [min(cell * length // GRID, length - 1) for cell in range(GRID)]
    return [(start, max(end, start + 1)) for start, end in zip(starts, [*starts[1:], length], strict=True)]


def _without_local_mean(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each cell minus the mean of the 3 x 3 around it, edges repeated; ``(N, g, g)``."""
    side = luma.shape[1]
    padded = np.pad(luma, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = sum(padded[:, i : i + side, j : j + side] for i in range(3) for j in range(3))
    return np.asarray(luma - around / np.float32(9))


def _unit(values: NDArray[np.float32], flat: float) -> NDArray[np.float32]:
    """Rows with mean 0 and length 1; zeros where the standard deviation is below ``flat``."""
    rows = values.reshape(len(values), math.prod(values.shape[1:]))
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(length < flat * np.sqrt(rows.shape[1]), 0, rows / np.maximum(length, 1e-6)).astype(np.float32)


def _as_words(keys: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(keys).view(np.uint64)
