"""Another voice: the resonances of a longer or shorter vocal tract, by warping the frequencies of a recording.

Vocal tract length perturbation (Jaitly & Hinton, ICML 2013 workshop on deep learning for audio, speech and language),
there on filter banks, here on the waveform, since that is what networks take: short spectra are warped, and phases
follow the warped frequencies as in a phase vocoder (Flanagan & Golden, Bell System Technical Journal 45, 1966,
doi:10.1002/j.1538-7305.1966.tb01706.x). Pitch moves along with the resonances, as in the paper; length stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME, HOP = 512, 128  # samples: 32 and 8 ms at 16 kHz
EDGE = (
    0.6  # of the highest frequency, above which the warp bends back so that nothing leaves: 4.8 of 8 kHz, the paper's
)
LEAST = 1e-8  # of the sum of squared windows, which is zero outside of all frames

Wave = NDArray[np.float32]


def warped(frequency: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Where frequencies, shares 0 to 1 of the highest one, move: times ``factor``, and 1 stays 1.

    >>> warped(np.array([0.0, 0.25, 1.0]), 1.2).tolist()
    [0.0, 0.3, 1.0]
    """
    if factor == 1:
        return frequency
    end = EDGE * min(factor, 1.0)  # of the straight part, after the warp
    begin = end / factor  # and before
    return np.where(frequency <= begin, frequency * factor, 1 - (1 - end) / (1 - begin) * (1 - frequency))


def with_voice(wave: Wave, factor: float) -> Wave:
    """``(S,)`` with every frequency times ``factor`` (0.8 to 1.25 still sounds like somebody), as long as before."""
    if factor == 1 or not len(wave):
        return wave
    spectra = _spectra(wave.astype(np.float64))  # (T, FRAME / 2 + 1)
    place = np.linspace(0.0, 1.0, spectra.shape[1])
    source = np.interp(place, warped(place, factor), place)  # where each new bin comes from
    sizes = np.abs(spectra)
    bins = source * (len(place) - 1)
    low = np.minimum(bins.astype(np.int64), len(place) - 2)
    share = bins - low
    size = sizes[:, low] * (1 - share) + sizes[:, low + 1] * share
    nearest = np.rint(bins).astype(np.int64)
    heard = _heard(spectra)[:, nearest]
    advance = np.pi * HOP * warped(np.clip(heard, 0.0, 1.0), factor)
    advance[0] = np.angle(spectra[0, nearest])
    return _together(size * np.exp(1j * np.cumsum(advance, axis=0)), len(wave)).astype(np.float32)


def _heard(spectra: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Frequency in each bin from how its phase moved since the frame before, ``(T, F)`` shares of the highest one."""
    place = np.linspace(0.0, 1.0, spectra.shape[1])
    usual = np.pi * HOP * place
    moved = np.diff(np.angle(spectra), axis=0, prepend=0) - usual
    return place + (np.remainder(moved + np.pi, 2 * np.pi) - np.pi) / (np.pi * HOP)


def _window() -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)


def _spectra(wave: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Of overlapping frames, silence around the recording; at least one."""
    missing = -len(wave) % HOP
    padded = np.pad(wave, (FRAME, FRAME + missing))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    return np.fft.rfft(frames * _window(), axis=1)


def _together(spectra: NDArray[np.complex128], samples: int) -> NDArray[np.float64]:
    """Frames laid over each other where they came from, ``(samples,)``."""
    window = _window()
    frames = np.fft.irfft(spectra, FRAME, axis=1) * window
    out = np.zeros(FRAME + HOP * (len(frames) - 1))
    weight = np.zeros_like(out)
    for number, frame in enumerate(frames):
        out[number * HOP : number * HOP + FRAME] += frame
        weight[number * HOP : number * HOP + FRAME] += window**2
    return np.asarray((out / np.maximum(weight, LEAST))[FRAME : FRAME + samples])
