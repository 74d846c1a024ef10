"""Bytes to the samples a network hears: ``SoundPreprocessing`` executed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.preprocessing import SoundPreprocessing
from headstart.data.sound_decode import decode_middle
from headstart.data.sound_resample import resampled

# Bump when prepared samples change: it is part of the address under which activations are kept.
VERSION = 1
SMALLEST_VARIANCE = 1e-7  # added before the root, as in the feature extractor of wav2vec 2.0


def prepare(content: bytes, preprocessing: SoundPreprocessing) -> NDArray[np.float32]:
    """Decode, resample and pad one recording: ``(S,)`` float32, NaN where padded; raises DataError with the reason."""
    wave, rate = decode_middle(content, preprocessing.max_seconds)
    wave = resampled(wave, rate, preprocessing.sample_rate)[: preprocessing.max_samples]
    if preprocessing.scaling == "unit_variance":
        wave = unit_variance(wave)
    wave = centred(wave, preprocessing.min_samples)
    return nan_padded(wave, preprocessing.padded(len(wave)))


def unit_variance(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(S,)`` to mean 0 and variance 1; silence stays 0."""
    return np.asarray((wave - wave.mean()) / np.sqrt(wave.var() + SMALLEST_VARIANCE), np.float32)


def centred(wave: NDArray[np.float32], shortest: int) -> NDArray[np.float32]:
    """A clip ``(S,)`` shorter than ``shortest`` samples in the middle of that many, zeros around it."""
    missing = shortest - len(wave)
    return wave if missing <= 0 else np.pad(wave, (missing // 2, missing - missing // 2))


def nan_padded(wave: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """``(length,)``: a clip ``(S,)`` of at most so many samples, and NaN behind it."""
    return np.pad(wave, (0, length - len(wave)), constant_values=np.nan)
