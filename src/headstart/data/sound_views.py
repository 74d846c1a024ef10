"""Numbered augmentation views of a recording.

View v is a pure function of (bytes, settings, v), and view 0 is the evaluation view. After SpecAugment (Park et al.,
Interspeech 2019, https://arxiv.org/abs/1904.08779), which silences stretches of time and bands of frequency in a
spectrogram; here both happen to the waveform, since that is what networks take. A shift in time and another gain are
added: where a recording begins and how loud it is hardly ever say what is heard.

Only samples that are heard change: padding (NaN) stays where it is, and lengths stay. A gain may exceed full scale
(1), as no network clips there and clipping would be a distortion that nobody asked for.

Strong views come from another speaker and another microphone as well: ``sound_voice.py``, ``sound_channel.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.modality import Preparer
from headstart.core.preprocessing import Preprocessing, SoundPreprocessing
from headstart.data.draws import uniform_draws
from headstart.data.sound_channel import KNOTS, band_gain, coarse, colour_gain, filtered, in_room, octaves_of
from headstart.data.sound_voice import with_voice

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
DRAWS = 9  # shift, band 2, gain, number of masks, masks 2 x 2
RECORDED_DRAWS = 8 + KNOTS  # voice, room 3, telephone 3, codec, curve of the microphone

Wave = NDArray[np.float32]


class SoundAugmentation(Config):
    """What may happen to a recording in training views."""

    time_mask: float = Field(
        0.1, ge=0, le=1, description="Longest of one or two silenced stretches, share of the clip."
    )
    band: float = Field(0.1, ge=0, le=1, description="Widest band removed, share of 0 to half the sampling rate.")
    gain: float = Field(3.0, ge=0, description="Largest change of loudness in dB, up or down.")
    shift: float = Field(0.05, ge=0, le=1, description="Longest shift in time, earlier or later, share of the clip.")


class StrongAugmentation(SoundAugmentation):
    """The same, and another voice and channel.

    A class of its own, since fields more would change the JSON of the light settings, and with it their draws and the
    addresses of all activations that were kept.
    """

    time_mask: float = Field(0.2, ge=0, le=1, description="As light, twice as long.")
    band: float = Field(0.2, ge=0, le=1, description="As light, twice as wide.")
    gain: float = Field(6.0, ge=0, description="As light, twice as loud.")
    shift: float = Field(0.1, ge=0, le=1, description="As light, twice as far.")
    tract: float = Field(0.15, ge=0, lt=0.5, description="Largest change of all frequencies, share, up or down.")
    telephone: float = Field(0.25, ge=0, le=1, description="Chance of a telephone's band, about 300 to 3,400 Hz.")
    colour: float = Field(6.0, ge=0, description="Largest change of a frequency's level by the microphone, in dB.")
    room: float = Field(0.3, ge=0, description="Longest time in which an echo falls by 60 dB, seconds.")
    codec: float = Field(0.25, ge=0, le=1, description="Chance of 8 bits a sample on a logarithmic scale.")


LIGHT = SoundAugmentation()
STRONG = StrongAugmentation()


def parse_augmentation(values: Mapping[str, Any]) -> SoundAugmentation:
    """The settings of a dict: strong ones where it has the keys that only these have. Raises ConfigError."""
    kind = StrongAugmentation if "tract" in values else SoundAugmentation
    return kind.parse(values, "augmentation")


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
        count = DRAWS + (RECORDED_DRAWS if isinstance(self.settings, StrongAugmentation) else 0)
        draws = uniform_draws(content, self.settings, self.number, count, VERSION)
        heard = ~np.isnan(prepared)
        changed, wave = prepared.copy(), prepared[heard]
        if isinstance(self.settings, StrongAugmentation):
            wave = recorded_anew(wave, self.settings, draws[DRAWS:], self._rate())
        changed[heard] = augmented(wave, self.settings, draws)
        return changed

    def _rate(self) -> int:
        return SoundPreprocessing.parse(self.preprocessing.model_dump(), "preprocessing").sample_rate

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


def recorded_anew(wave: Wave, settings: StrongAugmentation, draws: list[float], rate: int) -> Wave:
    """``(S,)`` samples as another speaker through another channel, as loud as before.

    The voice comes first, then the room, then what the microphone, the line and the codec do to it.

    Args:
        wave: Without padding.
        settings: How much at most.
        draws: RECORDED_DRAWS numbers in [0, 1).
        rate: In Hz.
    """
    size = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) if len(wave) else 0.0
    if size == 0:
        return wave
    found = with_voice(wave, (1 + settings.tract) ** (2 * draws[0] - 1))
    found = in_room(found, draws[1] * settings.room, draws[2], rate, int(draws[3] * 2**32))
    below = octaves_of(len(found))
    curve = (2 * np.array(draws[8 : 8 + KNOTS]) - 1) * settings.colour
    gain = colour_gain(below, curve)
    if draws[4] < settings.telephone:
        gain = gain * band_gain(below, *(float(np.log2(rate / 2 / edge)) for edge in telephone_band(*draws[5:7])))
    found = filtered(found, gain)
    if draws[7] < settings.codec:
        found = coarse(found)
    new = float(np.sqrt(np.mean(np.square(found, dtype=np.float64))))
    return (found * np.float32(size / new)).astype(np.float32) if new > 0 else wave


def telephone_band(low: float, high: float) -> tuple[float, float]:
    """Edges in Hz of two draws: 200 to 400 and 3,000 to 3,800, around the 300 to 3,400 of ITU-T G.712."""
    return 200.0 + 200.0 * low, 3000.0 + 800.0 * high


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
