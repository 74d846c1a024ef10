"""Count all terms of the vocabulary in a text."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.exporting.parts.terms import terms, vocabulary


def counts(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """A text, or a pair: (V,) float32, how often each term comes."""
    known = vocabulary(asked["folder"] + asked["vocabulary"])
    found = np.zeros(len(known["words"]) + len(known["characters"]), np.float32)
    number, count = terms(content, asked).T
    found[number[number >= 0]] = count[number >= 0]
    return found
