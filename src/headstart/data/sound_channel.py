"""Another way to record: the band of a telephone, the colour of a microphone, a room, a coarse codec.

What is between a voice and its samples differs from one recording to the next more than voices do. Room: an impulse
response of noise that decays (Moorer, Computer Music Journal 3, 1979, doi:10.2307/3680280). Codec: the 8 bits on a
logarithmic scale of ITU-T G.711. Band limits and colour are filters without a phase.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROLL_OFF = 0.5  # octaves from full to nothing at the edge of a band
KNOTS = 8  # of the curve of a microphone, evenly spread over octaves
OCTAVES = 7.0  # below half the sampling rate that the curve spans; it stays level below
MU = 255.0  # of the logarithmic scale
UNIT = float(1 << 64)

Wave = NDArray[np.float32]


def filtered(wave: Wave, gain: NDArray[np.float64]) -> Wave:
    """``(S,)`` with each frequency times a gain ``(S // 2 + 1,)``, from 0 to half the sampling rate."""
    return np.asarray(np.fft.irfft(np.fft.rfft(wave.astype(np.float64)) * gain, len(wave)), np.float32)


def octaves_of(samples: int) -> NDArray[np.float64]:
    """``(samples // 2 + 1,)`` octaves of each frequency below the highest one, which has 0; infinite at 0 Hz."""
    with np.errstate(divide="ignore"):
        return -np.log2(2 * np.arange(samples // 2 + 1) / max(samples, 1))


def band_gain(below: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """1 between two edges, 0 half an octave outside of them.

    Args:
        below: Octaves below half the sampling rate, see :func:`octaves_of`.
        low: The lower edge in the same measure; infinite: there is none.
        high: The upper edge; 0 or less: there is none.

    >>> band_gain(np.array([np.inf, 5.5, 5.25, 5.0, 1.0, 0.75, 0.0]), 5.0, 1.0).round(2).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    """
    with np.errstate(invalid="ignore"):
        lower = np.clip((below - low) / ROLL_OFF, 0.0, 1.0) if np.isfinite(low) else np.zeros_like(below)
        upper = np.clip((high - below) / ROLL_OFF, 0.0, 1.0) if high > 0 else np.zeros_like(below)
    return np.asarray((0.5 + 0.5 * np.cos(np.pi * lower)) * (0.5 + 0.5 * np.cos(np.pi * upper)))


def colour_gain(below: NDArray[np.float64], decibels: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through ``(KNOTS,)`` levels from the lowest octave to the top, straight on an axis of octaves."""
    knots = np.linspace(-OCTAVES, 0.0, len(decibels))
    return np.asarray(10 ** (np.interp(-np.minimum(below, OCTAVES), knots, decibels) / 20))


def in_room(wave: Wave, seconds: float, level: float, rate: int, seed: int) -> Wave:
    """``(S,)`` with its echo, as long as before.

    Args:
        wave: Samples.
        seconds: In which the echo falls by 60 dB; 0: none.
        level: Energy of the echo's impulse response beside that of the direct sound, 1.
        rate: Of the samples, in Hz.
        seed: Of the noise.
    """
    length = round(seconds * rate)
    if length < 2 or level <= 0:
        return wave
    noise = uniform_noise(length, seed) * 10 ** (-3 * np.arange(length) / length)
    noise *= np.sqrt(level / np.square(noise).sum())
    noise[0] = 1.0
    both = len(wave) + length - 1
    heard = np.fft.irfft(np.fft.rfft(wave.astype(np.float64), both) * np.fft.rfft(noise, both), both)
    return np.asarray(heard[: len(wave)], np.float32)


def uniform_noise(count: int, seed: int) -> NDArray[np.float64]:
    """``(count,)`` in -1 to 1 from the bits of a generator, which no version of NumPy changes."""
    return np.random.PCG64(seed).random_raw(count) / (UNIT / 2) - 1.0


def coarse(wave: Wave) -> Wave:
    """``(S,)`` as 8 bits on a logarithmic scale of its own peak tell it.

    >>> coarse(np.float32([0.0, 1.0, -1.0])).tolist()
    [0.0, 1.0, -1.0]
    """
    peak = float(np.abs(wave).max(initial=0.0))
    if peak == 0:
        return wave
    size = np.log1p(MU * np.abs(wave.astype(np.float64)) / peak) / np.log1p(MU)
    size = np.rint(size * 127) / 127
    return np.asarray(np.sign(wave) * np.expm1(size * np.log1p(MU)) / MU * peak, np.float32)
