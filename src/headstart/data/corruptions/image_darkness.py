"""Darkness: evening, a shadow, the wrong exposure."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.pictures import opened, png


class Darkness:
    """Every value loses a share of itself."""

    strengths = (20.0, 40.0, 60.0, 80.0)
    unit = "% of the light gone"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``; draws nothing."""
        from PIL.ImageEnhance import Brightness

        return png(Brightness(opened(content)).enhance(1 - strength / 100))


PLUGIN = Plugin(build=Darkness, modality="image")
