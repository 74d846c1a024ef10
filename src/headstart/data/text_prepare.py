"""Texts as token numbers, by the tokenizer that travels with a network's weights."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, IntegrityError, MissingExtraError
from headstart.core.preprocessing import TextPreprocessing
from headstart.core.preprocessing.text import PAD, TOKENIZER
from headstart.core.text_content import texts_of

VERSION = 1  # raised when the same text and tokenizer would give another array
CHARACTERS_PER_TOKEN = 32  # of a longer text only so many characters per token that fits are tokenized at all
SHORT = 32  # tokens up to which lengths are padded finely
COARSER = 8  # times the fine step for longer texts
MASKS = ("[MASK]", "<mask>")
# Tokens that stand for no text and that some tokenizers do not declare special.
MARKS = (*MASKS, "[PAD]", "<pad>", "[CLS]", "<s>", "[SEP]", "</s>")
SPACE = re.compile(r"\s")


def padded_length(tokens: int, preprocessing: TextPreprocessing) -> int:
    """The length to which a text of so many tokens is padded.

    The next multiple of ``step`` up to 32 tokens, of ``8 * step`` above, at most ``max_tokens``. Lengths must be few,
    since runtimes fill the last batch of each; counting that (batches of 32), a step of 2 costs 14 % more positions
    than the tokens need on customers' questions (median 13 tokens) and 13 % on abstracts (median 207). Steps of 2 up
    to 64 cost 18 and 14 %, steps of 4 18 and 13 %, steps of 1 30 and 19 %.

    >>> [padded_length(n, TextPreprocessing(step=2)) for n in (1, 7, 32, 33, 81, 250)]
    [2, 8, 32, 48, 96, 256]
    """
    step = preprocessing.step if tokens <= SHORT else preprocessing.step * COARSER
    return max(min(-(-tokens // step) * step, preprocessing.max_tokens), tokens)


def beginning(text: str, characters: int) -> str:
    """The first ``characters``, up to a white space where there is one in their last quarter."""
    if len(text) <= characters:
        return text
    cut = text[:characters]
    spaces = list(SPACE.finditer(cut, characters - characters // 4))
    return cut[: spaces[-1].start()] if spaces else cut


def load_tokenizer(assets: Mapping[str, bytes], expected_sha256: str) -> Any:
    """The tokenizer (of the package tokenizers) among a network's assets, its own cutting and padding switched off.

    Raises:
        MissingExtraError: the package is not installed.
        IntegrityError: there is none, it is damaged, or it is not the one the weights were trained with.
    """
    try:
        import tokenizers
    except ImportError:
        raise MissingExtraError("tokenizers", "text", "reading texts for a network") from None
    content = assets.get(TOKENIZER)
    if content is None:
        raise IntegrityError(
            f"a network for texts must come with {TOKENIZER}; it has {sorted(assets) or 'no such file'}. "
            f"Put the tokenizer in the format of the package tokenizers beside the weights, as {TOKENIZER}."
        )
    found = hashlib.sha256(content).hexdigest()
    if expected_sha256 and found != expected_sha256:
        raise IntegrityError(
            f"{TOKENIZER} must be the one of the weights, sha256 {expected_sha256}; got {found}. Restore the file."
        )
    try:
        tokenizer = tokenizers.Tokenizer.from_str(content.decode("utf-8"))
    except Exception as error:  # the package raises plain Exception
        raise IntegrityError(
            f"{TOKENIZER} must be a tokenizer that tokenizers {tokenizers.__version__} reads; it is not ({error}). "
            "Restore the file, or install the version that wrote it."
        ) from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class TextPreparer:
    """Bytes to ``(T, 2)`` int32: token and segment, ``PAD`` in both where padded.

    Of a text only the first ``32 * max_tokens`` characters are tokenized, up to a white space: ordinary text has 3 to 6
    characters a token, so nothing is lost that would fit, and a megabyte costs as little as a page.
    """

    def __init__(self, preprocessing: TextPreprocessing, assets: Mapping[str, bytes]) -> None:
        self.preprocessing = preprocessing
        self.tokenizer_sha256 = hashlib.sha256(assets.get(TOKENIZER, b"")).hexdigest()
        self._whole = load_tokenizer(assets, preprocessing.tokenizer_sha256)
        self._cutting = load_tokenizer(assets, preprocessing.tokenizer_sha256)
        self._cutting.enable_truncation(preprocessing.max_tokens, strategy="longest_first")

    def prepare(self, content: bytes) -> NDArray[np.int32]:
        """Tokenized, cut to ``max_tokens`` (of a pair the longer text first) and padded on the right."""
        most = self.preprocessing.max_tokens * CHARACTERS_PER_TOKEN
        texts = [self.preprocessing.prefix + beginning(text, most) for text in texts_of(content)]
        encoding = self._cutting.encode(*texts)
        tokens = len(encoding.ids)
        if not tokens:
            raise DataError("a text in which the tokenizer finds no tokens")
        prepared = np.full((padded_length(tokens, self.preprocessing), 2), PAD, np.int32)
        prepared[:tokens, 0] = encoding.ids
        prepared[:tokens, 1] = encoding.type_ids
        return prepared

    def places(self, content: bytes) -> list[tuple[int, int, int] | None]:
        """Where each position that :meth:`prepare` fills comes from, one for each before the padding.

        Number of the text (0, of a pair 0 or 1), first character and end in ``texts_of(content)``; None for special
        tokens and those of the prefix.
        """
        most = self.preprocessing.max_tokens * CHARACTERS_PER_TOKEN
        texts = [self.preprocessing.prefix + beginning(text, most) for text in texts_of(content)]
        encoding = self._cutting.encode(*texts)
        before = len(self.preprocessing.prefix)
        return [
            None if text is None or end <= before else (int(text), max(start - before, 0), end - before)
            for text, (start, end) in zip(encoding.sequence_ids, encoding.offsets, strict=True)
        ]

    def token_number(self, name: str) -> int | None:
        """The number of a token by its name; None where the tokenizer has none of that name."""
        number = self._whole.token_to_id(name)
        return None if number is None else int(number)

    @cached_property
    def ordinary_tokens(self) -> NDArray[np.int32]:
        """``(V,)`` numbers, in order, of the tokens that stand for something in a text: not special, not unknown."""
        special = {number for number, token in self._whole.get_added_tokens_decoder().items() if token.special}
        marks = {self._whole.token_to_id(name) for name in MARKS}
        left_out = special | marks | {self.unknown_token}
        numbers = set(self._whole.get_vocab(with_added_tokens=True).values()) - left_out
        return np.array(sorted(numbers), np.int32)

    @cached_property
    def stand_in(self) -> int:
        """The token that says least: the mask that the network was trained to fill, else the unknown one, else 0."""
        found = (self.token_number(name) for name in MASKS)
        return next((number for number in (*found, self.unknown_token) if number is not None), 0)

    def tokens(self, content: bytes) -> int:
        """How many tokens the whole input has, special ones included; of very long texts estimated from the start."""
        count = 0
        most = max(self.preprocessing.max_tokens * CHARACTERS_PER_TOKEN, 1 << 16)
        parts = [(self.preprocessing.prefix + text[:most], max(len(text) / most, 1)) for text in texts_of(content)]
        specials = len(self._whole.encode(*[""] * len(parts)).ids)
        for text, times in parts:
            count += round(len(self._whole.encode(text, add_special_tokens=False).ids) * times)
        return count + specials

    @cached_property
    def unknown_token(self) -> int | None:
        """The token that stands for what the tokenizer has none for; None where it has one for everything."""
        name = getattr(self._whole.model, "unk_token", None)
        if name is not None:
            number = self._whole.token_to_id(name)
        else:  # a unigram model names it by number, and tells that in its description alone
            number = json.loads(self._whole.to_str())["model"].get("unk_id")
        return None if number is None else int(number)

    def address(self) -> dict[str, Any]:
        """Settings, tokenizer, its package's version, version of the preparation."""
        import tokenizers

        return {
            "preprocessing": self.preprocessing.model_dump(mode="json"),
            "tokenizer": self.tokenizer_sha256,
            "decoder": f"tokenizers-{tokenizers.__version__}",
            "preparation": VERSION,
        }
