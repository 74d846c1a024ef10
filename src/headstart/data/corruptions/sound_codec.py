"""Codec: a telephone line, which cuts high tones off and keeps 8 bits."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.recordings import samples, wav

MU = 255.0  # of the mu-law of ITU-T G.711
WHOLE = 8000.0  # Hz that a strength of 0 would keep


class Codec:
    """Tones above a limit are cut off, and loudness is rounded to 256 steps by the mu-law."""

    strengths = (4000.0, 5000.0, 6000.0, 7000.0)
    unit = "Hz cut off of 8,000"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``; draws nothing."""
        wave, rate = samples(content)
        spectrum = np.fft.rfft(wave)
        spectrum[np.fft.rfftfreq(len(wave), 1 / rate) > WHOLE - strength] = 0
        narrow = np.clip(np.fft.irfft(spectrum, len(wave)), -1, 1)
        steps = np.rint(np.sign(narrow) * np.log1p(MU * np.abs(narrow)) / np.log1p(MU) * 127) / 127
        heard = np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(MU)) / MU
        return wav(np.asarray(heard, dtype=np.float32), rate)


PLUGIN = Plugin(build=Codec, modality="sound")
