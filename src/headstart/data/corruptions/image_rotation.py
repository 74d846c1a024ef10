"""Rotation: a camera that was not held straight."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.pictures import opened, png


class Rotation:
    """Turned to one side or the other around the middle; corners that come free get the mean colour."""

    strengths = (5.0, 15.0, 30.0, 90.0)
    unit = "degrees"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""
        from PIL.Image import Resampling

        picture = opened(content)
        mean = tuple(int(value) for value in np.asarray(picture, np.float64).mean(axis=(0, 1)).round())
        angle = strength if rng.random() < 0.5 else -strength
        return png(picture.rotate(angle, Resampling.BILINEAR, fillcolor=mean))


PLUGIN = Plugin(build=Rotation, modality="image")
