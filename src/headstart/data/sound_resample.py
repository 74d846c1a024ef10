"""Another sampling rate: a polyphase filter with a Kaiser window.

Kaiser & Schafer, IEEE TASSP 1980, doi:10.1109/TASSP.1980.1163349 (the window); Crochiere & Rabiner, Multirate Digital
Signal Processing, 1983 (polyphase filters). With these settings what lies below 0.91 of the lower Nyquist frequency
passes within 1e-4, and what lies above it is 80 dB down.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Bump when resampled samples change: it is part of the address under which activations are kept.
VERSION = 1
ZERO_CROSSINGS = 64  # of the windowed sinc, on each side
BETA = 9.0  # of the Kaiser window: 90 dB
ROLL_OFF = 0.955  # where the filter halves, as a share of the lower Nyquist frequency: it has ended at 1
# Rates whose ratio needs larger numbers (44,101 Hz to 16,000) are taken as the nearest ratio: 60 ns a second off.
LARGEST = 4096


def resampled(wave: NDArray[np.float32], rate: int, target_rate: int) -> NDArray[np.float32]:
    """``(S,)`` at ``rate`` Hz to ``(ceil(S * target_rate / rate),)`` at ``target_rate`` Hz, zeros outside the clip.

    >>> len(resampled(np.zeros(441, np.float32), 44100, 16000))
    160
    """
    if rate == target_rate or len(wave) == 0:
        return wave
    from scipy.signal import resample_poly

    ratio = Fraction(target_rate, rate).limit_denominator(LARGEST)
    if ratio.numerator == 0:
        ratio = Fraction(1, LARGEST)
    taps = low_pass(ratio.numerator, ratio.denominator)
    out: NDArray[np.float32] = resample_poly(wave, ratio.numerator, ratio.denominator, window=taps)
    return out.astype(np.float32, copy=False)


@lru_cache(16)
def low_pass(up: int, down: int) -> NDArray[np.float32]:
    """Taps of the filter that runs at ``up`` times the rate; they sum to 1.

    Returns:
        ``(2 * ZERO_CROSSINGS * max(up, down) + 1,)``.
    """
    largest = max(up, down)
    half = ZERO_CROSSINGS * largest
    position = np.arange(-half, half + 1)
    cut = ROLL_OFF / largest  # as a share of the Nyquist frequency at up times the rate
    taps = cut * np.sinc(cut * position) * np.kaiser(2 * half + 1, BETA)
    return np.asarray(taps / taps.sum(), np.float32)
