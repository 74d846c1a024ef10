"""Blur: a lens out of focus, a shaken hand."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.pictures import opened, png


class Blur:
    """A Gaussian whose standard deviation is a share of the shorter side."""

    strengths = (0.5, 1.0, 2.0, 4.0)
    unit = "% of the shorter side"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``; draws nothing."""
        from PIL.ImageFilter import GaussianBlur

        picture = opened(content)
        return png(picture.filter(GaussianBlur(strength / 100 * min(picture.size))))


PLUGIN = Plugin(build=Blur, modality="image")
