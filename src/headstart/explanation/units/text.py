"""Texts: words; one that is taken away leaves the token that says least in each of its places."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.plugins import Plugin
from headstart.core.text_content import pair_bytes, texts_of
from headstart.explanation.example import Changed, Example
from headstart.explanation.unit import Kept

ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # of scripts that put no spaces between words
WITHIN = frozenset("'’-_")  # between two letters they join them
MOST = 512  # words from the beginning that are units; networks read no more tokens than that, and the rest stays


class TextUnits:
    """See ``explanation.unit.Units``; of a pair the words of both texts."""

    repeats = 1
    noun = "word"
    reference = "the tokenizer's token for a masked or unknown word; for counted words nothing"

    def __init__(self, predictor: Predictor, example: Example) -> None:
        self.predictor, self.example = predictor, example
        self.content = example.contents[0]
        self.texts = texts_of(self.content)
        found = [(number, *span) for number, text in enumerate(self.texts) for span in words_of(text)]
        self.words = found[:MOST]
        self.names = tuple(self.texts[text][start:end] for text, start, end in self.words)
        self.shape: tuple[int, ...] = (len(self.words),)
        self.word_of = [
            self._word_of(over.preparer, len(p)) for over, p in zip(predictor.passes, example.prepared, strict=True)
        ]

    @property
    def _passes(self) -> tuple[Any, ...]:
        return self.predictor.passes

    def _word_of(self, preparer: Any, length: int) -> NDArray[np.int64]:
        """``(T,)``: number of the word that each position belongs to, -1 for none."""
        owner = [np.full(len(text) + 1, -1) for text in self.texts]
        for number, (text, start, end) in enumerate(self.words):
            owner[text][start:end] = number
        found = np.full(length, -1, np.int64)
        for position, place in enumerate(preparer.places(self.content)):
            if place is not None:
                text, start, end = place
                inside = owner[text][start:end]
                found[position] = next((int(number) for number in inside if number >= 0), -1)
        return found

    def tokens_without(self, number: int, kept: Kept) -> NDArray[np.int32]:
        """``(n, T, 2)`` of pass ``number``: positions of words that are not kept hold the stand-in."""
        prepared, word_of = self.example.prepared[number], self.word_of[number]
        gone = (word_of >= 0) & ~kept[:, np.maximum(word_of, 0)]
        tokens = np.repeat(prepared[None], len(kept), axis=0)
        tokens[..., 0] = np.where(gone, self._passes[number].preparer.stand_in, tokens[..., 0])
        return np.asarray(tokens, np.int32)

    def without(self, kept: Kept) -> Changed:
        """Tokens for each network, and the bytes of the texts without the words for what counts them."""
        prepared = tuple(self.tokens_without(number, kept) for number in range(len(self.example.prepared)))
        contents = {0: [self._content(row) for row in kept]} if self.predictor.contents else {}
        return Changed(prepared, contents)

    def _content(self, kept: NDArray[np.bool_]) -> bytes:
        texts = [list(text) for text in self.texts]
        for number, (text, start, end) in enumerate(self.words):
            if not kept[number]:
                texts[text][start:end] = " " * (end - start)
        whole = ["".join(text) for text in texts]
        return pair_bytes(*whole) if len(whole) == 2 else whole[0].encode("utf-8")

    def picture(self) -> None:
        """No cells."""
        return

    def pieces(self) -> tuple[tuple[str, int | None], ...]:
        """The texts, one below the other."""
        found: list[tuple[str, int | None]] = []
        for which, text in enumerate(self.texts):
            at = 0
            for number, (of, start, end) in enumerate(self.words):
                if of == which:
                    found += [(text[at:start], None), (text[start:end], number)]
                    at = end
            found.append((text[at:] + ("\n" if which + 1 < len(self.texts) else ""), None))
        return tuple((piece, number) for piece, number in found if piece)


def words_of(text: str) -> list[tuple[int, int]]:
    """Start and end of each word: a run of letters and digits with their marks, or any other sign that is seen.

    >>> [text[a:b] for text in ["it's well-known: 3 cafés!"] for a, b in words_of(text)]
    ["it's", 'well-known', ':', '3', 'cafés', '!']
    """
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        end = at + 1
        if _is_letter(text[at]):
            while end < len(text) and _goes_on(text, end):
                end += 1
        if not text[at].isspace():
            found.append((at, end))
        at = end
    return found


def _is_letter(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return (character.isalnum() or is_mark) and not ALONE.match(character)


def _goes_on(text: str, at: int) -> bool:
    """Whether a word that reaches up to ``at`` holds that character too."""
    joins = text[at] in WITHIN and at + 1 < len(text) and _is_letter(text[at + 1])
    return joins or _is_letter(text[at])


def _build(asked: tuple[Predictor, Example]) -> TextUnits:
    return TextUnits(*asked)


PLUGIN = Plugin(build=_build, modality="text")
