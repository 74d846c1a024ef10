"""Case: words in capitals, as people write who are angry, or whose key is locked."""

from __future__ import annotations

import re

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.wording import changed


class Case:
    """Each word is put in capitals with the same probability."""

    strengths = (25.0, 50.0, 100.0)
    unit = "% of words in capitals"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""

        def louder(word: re.Match[str]) -> str:
            return word[0].upper() if rng.random() < strength / 100 else word[0]

        return changed(content, lambda text: re.sub(r"\w+", louder, text))


PLUGIN = Plugin(build=Case, modality="text")
