"""Words: some left out, some in another order, as in notes taken in a hurry."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.wording import changed


class Words:
    """Each word is left out, or changes places with the next, with half of the probability each."""

    strengths = (10.0, 20.0, 40.0)
    unit = "% of words"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""
        return changed(content, lambda text: hurried(text, strength / 100, rng))


def hurried(text: str, share: float, rng: np.random.Generator) -> str:
    """The text with about a ``share`` (0-1) of its words left out or swapped; one word is always left."""
    words = text.split()
    draws, found, at = rng.random(len(words)), [], 0
    while at < len(words):
        if draws[at] >= share:
            found.append(words[at])
        elif draws[at] >= share / 2 and at + 1 < len(words):
            found += [words[at + 1], words[at]]
            at += 1
        at += 1
    return " ".join(found or words[:1]) or text


PLUGIN = Plugin(build=Words, modality="text")
