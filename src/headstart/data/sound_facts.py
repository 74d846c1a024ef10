"""What can be measured of a prepared recording without any network: level, clipping, silence, zero crossings.

Clipping is told by flat tops, wherever they lie, since a recording that was turned down after it was clipped is clipped
all the same: samples within half a per cent of the highest or the lowest one that equal the sample before. Resampling
leaves no flat tops, so samples at full scale count too. Not found: a clipped recording that was encoded with loss, and
one that is resampled for a network that is given every recording at the same variance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.preprocessing import SoundPreprocessing
from headstart.data.sound_prepare import SMALLEST_VARIANCE

VERSION = 1  # raised when the same samples would give other facts
NAMES = ("peak", "loudness", "clipped", "silence", "zero_crossings")
WINDOW_SECONDS = 0.01
NEAR_SILENT = 0.01  # of a recording's own peak, 40 dB below it: the root mean square under which a window is silent
SILENT = 1e-4  # peak (full scale 1, so 80 dB below it) under which a whole recording is silent
NEAR_TOP = 0.005  # of the range
FLAT = 0.0001  # of the range: what counts as equal
FULL_SCALE = 0.99
Wave = NDArray[np.float32]


def facts(prepared: NDArray[np.float32], preprocessing: SoundPreprocessing) -> NDArray[np.float32]:
    """``(B, 5)`` float32 of recordings ``(B, S)``, NaN where padded.

    "peak" and "loudness" (root mean square) are in the unit of the prepared samples; "clipped" is a share of the
    samples, "silence" a share of windows of 10 ms, 1 exactly where the whole recording is silent; "zero_crossings" is
    per second. Silence put around a recording shorter than ``min_seconds`` does not count.
    """
    if prepared.ndim != 2:
        raise ShapeError(f"recordings must have shape (B, S); got {prepared.shape}.")
    found = [_of_one(_own(wave[~np.isnan(wave)], preprocessing), preprocessing) for wave in prepared]
    return np.array(found, np.float32).reshape(len(prepared), len(NAMES))


def _own(wave: Wave, preprocessing: SoundPreprocessing) -> Wave:
    """Without the zeros on both sides that preparing put there; what is all zeros stays."""
    if len(wave) != preprocessing.min_samples:
        return wave
    sounding = np.flatnonzero(wave)
    if not len(sounding):
        return wave
    around = min(int(sounding[0]), len(wave) - 1 - int(sounding[-1]))
    return wave[around : len(wave) - around]


def _of_one(wave: Wave, preprocessing: SoundPreprocessing) -> list[float]:
    peak = float(np.abs(wave).max(initial=0.0))
    loudness = float(np.sqrt(np.square(wave).mean())) if len(wave) else 0.0
    if _is_silent(wave, peak, preprocessing):
        return [peak, loudness, 0.0, 1.0, 0.0]
    crossings = np.count_nonzero(np.signbit(wave[1:]) != np.signbit(wave[:-1]))
    seconds = len(wave) / preprocessing.sample_rate
    return [
        peak,
        loudness,
        _clipped(wave, preprocessing),
        _silence(wave, peak, preprocessing.sample_rate),
        crossings / seconds,
    ]


def _is_silent(wave: Wave, peak: float, preprocessing: SoundPreprocessing) -> bool:
    if preprocessing.scaling == "none":
        return bool(peak < SILENT)
    # what was divided by the root of (variance + SMALLEST_VARIANCE) is below this where its own deviation was below
    # SILENT
    return bool(wave.std() < SILENT / (SILENT**2 + SMALLEST_VARIANCE) ** 0.5)


def _clipped(wave: Wave, preprocessing: SoundPreprocessing) -> float:
    low, high = float(wave.min()), float(wave.max())
    size = high - low
    is_top = (wave > high - NEAR_TOP * size) | (wave < low + NEAR_TOP * size)
    is_flat = np.abs(np.diff(wave, prepend=np.float32(np.inf))) < FLAT * size
    clipped = is_top & is_flat
    if preprocessing.scaling == "none":
        clipped |= np.abs(wave) >= FULL_SCALE
    return float(clipped.mean())


def _silence(wave: Wave, peak: float, rate: int) -> float:
    window = min(max(1, round(WINDOW_SECONDS * rate)), len(wave))
    windows = wave[: len(wave) // window * window].reshape(-1, window)
    power = np.einsum("ws,ws->w", windows, windows) / window
    return float((power < (NEAR_SILENT * peak) ** 2).mean())
