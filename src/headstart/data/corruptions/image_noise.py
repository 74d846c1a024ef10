"""Noise: a dark room, a cheap sensor."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.pictures import opened, png


class Noise:
    """Independent normal noise on every value of every pixel."""

    strengths = (5.0, 10.0, 20.0, 40.0)
    unit = "levels of 256 (standard deviation)"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""
        from PIL import Image

        pixels = np.asarray(opened(content), dtype=np.float32)
        noisy = pixels + np.float32(strength) * rng.standard_normal(pixels.shape, dtype=np.float32)
        return png(Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8)))


PLUGIN = Plugin(build=Noise, modality="image")
