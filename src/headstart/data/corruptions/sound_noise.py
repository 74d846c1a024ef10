"""Background noise: a street, a fan, a room full of people."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.recordings import samples, wav

LOUDEST = 30.0  # dB by which a strength of 0 would be quieter than the recording


class SoundNoise:
    """Noise with as much power in every octave (pink), at a distance to the recording's own loudness."""

    strengths = (10.0, 20.0, 25.0, 30.0)
    unit = "dB above a noise that is 30 dB quieter than the recording"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""
        wave, rate = samples(content)
        noise = pink(len(wave), rng)
        own = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) or 1e-4
        loudness = np.float32(own * 10 ** ((strength - LOUDEST) / 20))
        return wav(np.asarray(wave + loudness * noise, dtype=np.float32), rate)


def pink(count: int, rng: np.random.Generator) -> np.ndarray:
    """``(count,)`` float32 of mean square 1, its power falling as one over the frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    size = float(np.sqrt(np.mean(noise**2))) or 1.0
    return np.asarray(noise / size, dtype=np.float32)


PLUGIN = Plugin(build=SoundNoise, modality="sound")
