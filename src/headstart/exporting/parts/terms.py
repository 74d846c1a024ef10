"""Count a text's words, pairs of words and runs of characters."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.parts.texts import texts_of

WORD = re.compile(r"\w+|[^\w\s]")
SECOND = "\x02"  # stands before the words of the second text of a pair
STEP = 64  # terms are padded to multiples of it, so that texts can be computed together


@functools.cache
def vocabulary(path: str) -> dict[str, dict[str, int]]:
    """Numbers of the terms that are known: words first, then runs of characters."""
    blocks = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        name: {term: number for number, term in enumerate(blocks[name], start)}
        for name, start in (("words", 0), ("characters", len(blocks["words"])))
    }


def terms(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """A text, or a pair: (T, 2) int32, number of a term and how often it comes, -1 where padded."""
    known = vocabulary(asked["folder"] + asked["vocabulary"])
    texts = [unicodedata.normalize("NFC", text[: asked["characters"]]).lower() for text in texts_of(content)]
    words = [term for mark, text in zip(("", SECOND), texts, strict=False) for term in word_terms(text, mark)]
    runs = [run for word in " ".join(texts).split() for run in runs_of(word)]
    numbers = [known["words"][term] for term in words if term in known["words"]]
    numbers += [known["characters"][run] for run in runs if run in known["characters"]]
    found = sorted(Counter(numbers).items())
    padded = np.full((max(1, -(-len(found) // STEP)) * STEP, 2), -1, np.int32)
    if found:
        padded[: len(found)] = found
    return padded


def word_terms(text: str, mark: str) -> list[str]:
    """Words, marks and pairs of neighbours; those of a second text are marked."""
    words = [mark + word for word in WORD.findall(text)]
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def runs_of(word: str) -> list[str]:
    """Runs of 2 to 5 characters of a word with a space on both sides; a run that is all of it once."""
    padded = f" {word} "
    runs: list[str] = []
    for length in (2, 3, 4, 5):
        runs += [padded[start : start + length] for start in range(max(len(padded) - length, 0) + 1)]
        if len(padded) <= length:
            break
    return runs
