"""A waveform as loudness over time and frequency, and back: what cells of a recording are taken away from.

Short-time Fourier transform under a Hann window, half overlapped; the way back is the least-squares one of Griffin &
Lim, IEEE TASSP 1984, doi:10.1109/TASSP.1984.1164317, so that a spectrum that was not changed gives the waveform again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAME = 512
HOP = 128
FLOOR = 1e-5  # of the loudest magnitude: 100 dB below it
BEFORE, AFTER = 2, 5  # frames at either end that reach beyond the recording
QUIET = 0.1  # share of a band's frames that are taken for its background

Floats = NDArray[np.float64]


def window() -> Floats:
    """``(FRAME,)``: Hann, periodic."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME))


def frame_count(samples: int) -> int:
    """Frames that cover so many samples with half a frame of zeros before and after.

    >>> frame_count(1), frame_count(128 * 10)
    (5, 14)
    """
    return -(-samples // HOP) + FRAME // HOP


def spectrum(wave: NDArray[np.floating[Any]]) -> NDArray[np.complex128]:
    """``(S,)`` to ``(FRAME // 2 + 1, T)``."""
    frames = frame_count(len(wave))
    padded = np.zeros((frames - 1) * HOP + FRAME)
    padded[FRAME // 2 : FRAME // 2 + len(wave)] = wave
    cut = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    return np.asarray(np.fft.rfft(cut * window(), axis=1).T)


def overlap(frames: int) -> Floats:
    """Sum of squared windows at each sample of the padded waveform; 1 where no frame reaches."""
    total = np.zeros((frames - 1) * HOP + FRAME)
    for frame in range(frames):
        total[frame * HOP : frame * HOP + FRAME] += window() ** 2
    return np.where(total > 1e-9, total, 1.0)


def waveforms(spectra: NDArray[np.complexfloating[Any, Any]], samples: int) -> Floats:
    """``(n, F, T)`` to ``(n, samples)``."""
    frames = spectra.shape[2]
    parts = np.fft.irfft(spectra, n=FRAME, axis=1) * window()[:, None]  # (n, FRAME, T)
    total = np.zeros((len(spectra), (frames - 1) * HOP + FRAME))
    for frame in range(frames):
        total[:, frame * HOP : frame * HOP + FRAME] += parts[:, :, frame]
    return np.asarray((total / overlap(frames))[:, FRAME // 2 : FRAME // 2 + samples])


def loudness(spectra: NDArray[np.complexfloating[Any, Any]]) -> Floats:
    """Natural logarithms of magnitudes, none below FLOOR of the largest; ``(F, T)``."""
    size = np.abs(spectra)
    return np.asarray(np.log(np.maximum(size, max(FLOOR * float(size.max()), 1e-12))))


def background(levels: Floats, band_edges: NDArray[np.int64]) -> Floats:
    """``(F, T)``: what each place is turned down to: magnitudes of the band's own quietest frames, in turn.

    Real frames and not a constant: noise as smooth as no noise is would be strange to a network in its own way.

    Args:
        levels: ``(F, T)``.
        band_edges: ``(R + 1,)`` bins at which bands begin, and the end.
    """
    found = np.empty_like(levels)
    frames = levels.shape[1]
    inside = np.arange(BEFORE, frames - AFTER) if frames > BEFORE + AFTER else np.arange(frames)
    for low, high in zip(band_edges, band_edges[1:], strict=False):
        band = levels[low:high]
        order = inside[np.argsort(np.exp(2 * band[:, inside]).sum(axis=0), kind="stable")]
        quietest = np.sort(order[: max(1, round(QUIET * len(inside)))])
        found[low:high] = band[:, quietest[np.arange(frames) % len(quietest)]]
    return found
