"""Gain: a speaker far away, a microphone turned down."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.recordings import samples, wav

STEPS = 32767  # of a 16-bit recording, which is what a quiet one is kept in


class Gain:
    """Quieter, and rounded to 16 bits again, so that what is very quiet is gone."""

    strengths = (6.0, 12.0, 24.0, 48.0)
    unit = "dB quieter"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``; draws nothing."""
        wave, rate = samples(content)
        quiet = np.rint(wave * np.float32(10 ** (-strength / 20) * STEPS)) / np.float32(STEPS)
        return wav(np.asarray(quiet, dtype=np.float32), rate)


PLUGIN = Plugin(build=Gain, modality="sound")
