"""JPEG: a picture that was sent on, saved small, taken from a screen."""

from __future__ import annotations

import io

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.pictures import opened

BEST = 100


class Jpeg:
    """Compressed once more; the strength is what the quality lacks to 100."""

    strengths = (25.0, 50.0, 75.0, 90.0)
    unit = "below quality 100"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``; draws nothing."""
        stream = io.BytesIO()
        opened(content).save(stream, format="JPEG", quality=max(1, round(BEST - strength)))
        return stream.getvalue()


PLUGIN = Plugin(build=Jpeg, modality="image")
