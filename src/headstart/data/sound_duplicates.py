"""Near-duplicates: the same recording louder, re-encoded, resampled, or with silence around it. Not: what sounds alike.

A fingerprint is how the levels in 12 frequency bands rise and fall over time, as a spectrum of 0.5 to 8 Hz (the
modulation spectrum, Greenberg & Kingsbury, ICASSP 1997, doi:10.1109/ICASSP.1997.598826). Its phases are told relative
to the mean of the bands, so that it does not matter when a recording begins; what all bands share is taken away, since
that is the rhythm that two speakers of one word have in common.

Of 100 spoken digits, copies at a third of the loudness, as OGG, at 16 kHz, as MP3 at 44.1 kHz, or with noise 30 dB
below are found always or all but one or two, as MP3 at 8 kHz three in four; with 20 ms of the speech itself cut off,
every second one. Among 720,000 pairs of different recordings, many of the same word by the same speaker, the nearest
reaches 0.977. Not found: copies at another speed or pitch, or a part of a recording longer than what is prepared.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.resources import one_blas_thread
from headstart.data.grouping import DisjointSets, join_groups

# Bump when fingerprints change: it is part of the address under which they are kept.
VERSION = 1
FRAME, HOP = 512, 256  # samples: 32 and 16 ms at 16 kHz
BANDS = 12
LOWEST_BIN = 4  # 125 Hz at 16 kHz
RANGE_DB = 35.0  # below the loudest: what is quieter is the noise of a recording or of its encoding
FOLD = 128  # frames, 2 s: a longer recording is laid over itself, so that every length has as many numbers
FREQUENCIES = 16  # of the modulation: 0.5, 1, ... 8 Hz
LENGTH = 2 * FREQUENCIES * BANDS
SAME = 0.98  # smallest cosine of two fingerprints
FLAT_DB = 0.5  # root mean square below which nothing rises or falls, so that there is nothing to compare
BLOCK = 512  # rows compared with as many others at a time: 1 MiB of cosines


def fingerprint(prepared: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(B, LENGTH)`` float32 in decibels of recordings ``(B, S)``, NaN where padded.

    Zeros for silence and for what is too short or too even to be compared.
    """
    if prepared.ndim != 2:
        raise ShapeError(f"recordings must have shape (B, S); got {prepared.shape}.")
    marks = np.zeros((len(prepared), LENGTH), np.float32)
    for row, wave in enumerate(prepared):
        marks[row] = _of_one(wave[np.isfinite(wave)])
    return marks


def _of_one(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    levels = band_levels(wave)  # (T, BANDS)
    frames = len(levels)
    folded = np.pad(levels, ((0, -frames % FOLD), (0, 0))).reshape(-1, FOLD, BANDS).sum(axis=0)
    spectrum = np.fft.rfft(folded, axis=0)[1 : FREQUENCIES + 1] / FOLD
    shared = spectrum.mean(axis=1, keepdims=True)
    size = np.abs(shared)
    turn = np.where(size > 0, np.conj(shared) / np.where(size > 0, size, 1), 1)  # begins where the bands' mean does
    own = (spectrum - shared) * turn * np.arange(1, FREQUENCIES + 1)[:, None]  # slow changes are the largest
    mark = np.concatenate([own.real.ravel(), own.imag.ravel()]).astype(np.float32)
    return mark if np.sqrt(np.square(mark).mean()) >= FLAT_DB else np.zeros(LENGTH, np.float32)


def band_levels(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(T, BANDS)`` decibels above the floor, which is ``RANGE_DB`` below the loudest; all 0 for silence."""
    if len(wave) < FRAME:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(wave, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), axis=1)) ** 2
    bands = np.add.reduceat(power, _edges(), axis=1)
    loudest = bands.max()
    if loudest <= 0:
        return np.zeros((len(frames), BANDS), np.float32)
    with np.errstate(divide="ignore"):  # of zero the logarithm is minus infinity, which the floor takes up
        return np.asarray(np.maximum(10 * np.log10(bands / loudest) + RANGE_DB, 0), np.float32)


@lru_cache(1)
def _edges() -> NDArray[np.int64]:
    """First frequency of each band; the last band ends at the Nyquist frequency."""
    return np.round(np.geomspace(LOWEST_BIN, FRAME // 2 + 1, BANDS + 1)).astype(np.int64)[:-1]


def near_duplicate_groups(keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
    """Group number of each row: equal bytes, or the same recording by its fingerprint.

    Time grows with the square of N; memory does not, beside one copy of the fingerprints.

    Args:
        keys: ``(N, 32)`` sha256 of the bytes.
        fingerprints: ``(N, LENGTH)`` of :func:`fingerprint`.

    Returns:
        ``(N,)`` group numbers from 0, in order of first row; a recording without a duplicate is alone in its group.
    """
    if fingerprints.shape != (len(keys), LENGTH):
        raise ShapeError(f"fingerprints must have shape ({len(keys)}, {LENGTH}); got {fingerprints.shape}.")
    if not len(keys):
        return np.zeros(0, np.int64)
    identical = np.unique(np.ascontiguousarray(keys).view(np.uint64), axis=0, return_inverse=True)[1].reshape(-1)
    first = np.unique(identical, return_index=True)[1]  # one row for each content: copies of bytes cost nothing
    marks = fingerprints[first]
    length = np.maximum(np.linalg.norm(marks, axis=1, keepdims=True), np.float32(1e-9))
    marks = np.asarray(marks / length, np.float32)
    sets = DisjointSets(len(marks))
    with one_blas_thread():
        for top in range(0, len(marks), BLOCK):
            for left in range(top, len(marks), BLOCK):
                _unite(marks, top, left, sets)
    return join_groups(identical, sets.roots()[identical])


def _unite(marks: NDArray[np.float32], top: int, left: int, sets: DisjointSets) -> None:
    """Unite the rows of two blocks that are the same; rows that are together already are passed over."""
    alike = marks[top : top + BLOCK] @ marks[left : left + BLOCK].T > SAME
    if top == left:
        alike = np.triu(alike, 1)
    for row in np.flatnonzero(alike.any(axis=1)).tolist():
        for other in np.flatnonzero(alike[row]).tolist():
            sets.union(row + top, other + left)
