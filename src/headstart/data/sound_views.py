"""Numbered augmentation views of a recording.

View v is a pure function of (bytes, settings, v), and view 0 is the evaluation view. After SpecAugment (Park et al.,
Interspeech 2019, https://arxiv.org/abs/1904.08779), which silences stretches of time and bands of frequency in a
spectrogram; here both happen to the waveform, since that is what networks take. A shift in time and another gain are
added: where a recording begins and how loud it is hardly ever say what is heard.

Only samples that are heard change: padding (NaN) stays where it is, and lengths stay. A gain may exceed full scale
(1), as no network clips there and clipping would be a distortion that nobody asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.modality import Preparer
from headstart.core.preprocessing import Preprocessing
from headstart.data.draws import uniform_draws

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
DRAWS = 9  # shift, band 2, gain, number of masks, masks 2 x 2

Wave = NDArray[np.float32]


class SoundAugmentation(Config):
    """What may happen to a recording in training views."""

    time_mask: float = Field(
        0.1, ge=0, le=1, description="Longest of one or two silenced stretches, share of the clip."
    )
    band: float = Field(0.1, ge=0, le=1, description="Widest band removed, share of 0 to half the sampling rate.")
    gain: float = Field(3.0, ge=0, description="Largest change of loudness in dB, up or down.")
    shift: float = Field(0.05, ge=0, le=1, description="Longest shift in time, earlier or later, share of the clip.")


LIGHT = SoundAugmentation()
STRONG = SoundAugmentation(time_mask=0.2, band=0.2, gain=6.0, shift=0.1)


class SoundView:
    """An augmented view: bytes to ``(S,)`` float32, NaN where padded."""

    def __init__(self, preparer: Preparer, settings: SoundAugmentation, number: int) -> None:
        self.preparer = preparer
        self.settings = settings
        self.number = number

    @property
    def preprocessing(self) -> Preprocessing:
        """That of the evaluation view."""
        return self.preparer.preprocessing

    def prepare(self, content: bytes) -> Wave:
        """Prepared, then without a band, shifted, louder or softer, with silenced stretches; 0 is the preparer's."""
        prepared: Wave = self.preparer.prepare(content)
        if self.number == 0:
            return prepared
        draws = uniform_draws(content, self.settings, self.number, DRAWS, VERSION)
        heard = ~np.isnan(prepared)
        changed = prepared.copy()
        changed[heard] = augmented(prepared[heard], self.settings, draws)
        return changed

    def address(self) -> dict[str, Any]:
        """That of the evaluation view, the version of views and of what transforms."""
        return {**self.preparer.address(), "views": VERSION, "transform": f"numpy-{np.__version__}"}


def augmented(wave: Wave, settings: SoundAugmentation, draws: list[float]) -> Wave:
    """``(S,)`` samples without padding, changed by nine ``draws`` in [0, 1).

    The band goes first: removed later, it would ring into what the shift and the masks make silent.
    """
    width = draws[1] * settings.band
    low = draws[2] * (1 - width)
    wave = without_band(wave, low, low + width)
    wave = shifted(wave, round((2 * draws[0] - 1) * settings.shift * len(wave)))
    wave = wave * np.float32(10 ** ((2 * draws[3] - 1) * settings.gain / 20))
    for i in (5, 7)[: 1 if draws[4] < 0.5 else 2]:
        samples = round(draws[i] * settings.time_mask * len(wave))
        start = round(draws[i + 1] * (len(wave) - samples))
        wave[start : start + samples] = 0
    return wave


def shifted(wave: Wave, samples: int) -> Wave:
    """``(S,)`` later by so many samples, earlier where negative; zeros come in, and what leaves does not come back.

    >>> shifted(np.float32([1, 2, 3]), 1).tolist(), shifted(np.float32([1, 2, 3]), -2).tolist()
    ([0.0, 1.0, 2.0], [3.0, 0.0, 0.0])
    """
    out = np.zeros_like(wave)
    if samples >= 0:
        out[samples:] = wave[: len(wave) - samples]
    else:
        out[:samples] = wave[-samples:]
    return out


def without_band(wave: Wave, low: float, high: float) -> Wave:
    """``(S,)`` without the frequencies from ``low`` up to ``high``, 0 being 0 Hz and 1 half the sampling rate."""
    place = 2 * np.arange(len(wave) // 2 + 1) / max(len(wave), 1)
    removed = (place >= low) & (place < high)
    if not len(wave) or not removed.any():
        return wave
    spectrum = np.fft.rfft(wave.astype(np.float64))  # in float32 its rounding would be heard in quiet stretches
    spectrum[removed] = 0
    return np.fft.irfft(spectrum, len(wave)).astype(np.float32)
