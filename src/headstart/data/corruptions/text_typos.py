"""Typos: letters left out, doubled, swapped with the next, or hit beside."""

from __future__ import annotations

import numpy as np

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.corruptions.wording import changed

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # of a keyboard, whose neighbours are hit
BESIDE = {
    letter: [row[at] for at in (place - 1, place + 1) if 0 <= at < len(row)]
    for row in ROWS
    for place, letter in enumerate(row)
}


class Typos:
    """Each letter is mistyped with the same probability, in one of four ways."""

    strengths = (2.0, 5.0, 10.0, 20.0)
    unit = "% of letters"

    def __init__(self, config: Config) -> None:
        self.config = config

    def corrupt(self, content: bytes, strength: float, rng: np.random.Generator) -> bytes:
        """See ``contract.Corruption``."""
        return changed(content, lambda text: mistyped(text, strength / 100, rng))


def mistyped(text: str, share: float, rng: np.random.Generator) -> str:
    """The text with about a ``share`` (0-1) of its letters mistyped."""
    found, at = [], 0
    hits, ways = rng.random(len(text)) < share, rng.integers(4, size=len(text))
    while at < len(text):
        letter = text[at]
        if not (hits[at] and letter.isalpha()):
            found.append(letter)
        elif ways[at] == 0 and at + 1 < len(text):
            found += [text[at + 1], letter]
            at += 1
        elif ways[at] == 1:
            found += [letter, letter]
        elif ways[at] == 2 and letter.lower() in BESIDE:
            near = BESIDE[letter.lower()]
            found.append(near[int(rng.integers(len(near)))])
        at += 1  # and what is left over is left out
    return "".join(found) or text


PLUGIN = Plugin(build=Typos, modality="text")
