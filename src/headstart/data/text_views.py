"""Numbered augmentation views of a text: some of its words are left out.

View v is a pure function of (bytes, settings, v), and view 0 is the whole text. Leaving words out at random is word
dropout (Iyyer et al., ACL 2015, https://aclanthology.org/P15-1162) and the "random deletion" of EDA (Wei & Zou, EMNLP
2019, https://arxiv.org/abs/1901.11196): unlike exchanging words it needs no dictionary and works in every language
that puts spaces between words. A text without spaces is one word and has one view.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.modality import Array, Preparer
from headstart.core.preprocessing import Preprocessing
from headstart.core.text_content import pair_bytes, texts_of
from headstart.data.draws import uniform_draws

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
WORD = re.compile(r"\S+\s*")  # with the white space behind it, so that lines and paragraphs stay
MOST_WORDS = 1 << 14  # of a text that may be left out: few networks read as far, and a megabyte should cost little
# Before a single text: a mark and a control character, which ``texts_of`` removes. Without them what is left of
# '["a", "b", "c"]' could read as a pair, and a text that begins with a mark would lose it.
SINGLE = "\ufeff\0"


class TextAugmentation(Config):
    """What may happen to a text in training views."""

    word_dropout: float = Field(0.1, ge=0, lt=1, description="Chance of each word to be left out; one always stays.")


LIGHT = TextAugmentation()
STRONG = TextAugmentation(word_dropout=0.2)


class TextView:
    """An augmented view: bytes to what the preparer makes of the words that stay."""

    def __init__(self, preparer: Preparer, settings: TextAugmentation, number: int) -> None:
        self.preparer = preparer
        self.settings = settings
        self.number = number

    @property
    def preprocessing(self) -> Preprocessing:
        """That of the whole text."""
        return self.preparer.preprocessing

    def prepare(self, content: bytes) -> Array:
        """Shorter than the whole text, or the same; as the whole text where no word that stays can be read."""
        try:
            return self.preparer.prepare(view(content, self.settings, self.number))
        except DataError:  # only marks without width stayed, or what the tokenizer does not know
            return self.preparer.prepare(content)

    def address(self) -> dict[str, Any]:
        """That of the evaluation view, and the version of views."""
        return {**self.preparer.address(), "views": VERSION}


def view(content: bytes, settings: TextAugmentation, number: int) -> bytes:
    """The bytes of view ``number`` of a text, or of a pair whose two texts lose words each; 0 is ``content``.

    Raises DataError where there is nothing to read.
    """
    if number == 0:
        return content
    texts = texts_of(content)
    counts = [min(len(WORD.findall(text)), MOST_WORDS) for text in texts]
    draws = uniform_draws(content, settings, number, sum(counts), VERSION)
    parts = (draws[: counts[0]], draws[counts[0] :])
    left = [without_words(text, part, settings.word_dropout) for text, part in zip(texts, parts, strict=False)]
    return pair_bytes(*left) if len(left) == 2 else (SINGLE + left[0]).encode()


def without_words(text: str, draws: list[float], share: float) -> str:
    """The text without the words whose draw, in [0, 1), is below ``share``; words behind the last draw stay.

    Where none would stay, the one with the largest draw does, which can be any of them.

    >>> without_words("to be or not", [0.5, 0.05, 0.9, 0.2], 0.1), without_words("to be", [0.01, 0.02], 0.1)
    ('to or not', 'be')
    """
    words = WORD.findall(text)
    bound = min(share, max(draws, default=1.0))
    left = [word for i, word in enumerate(words) if i >= len(draws) or draws[i] >= bound]
    return text if len(left) == len(words) else "".join(left).strip()
