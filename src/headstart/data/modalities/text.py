"""Texts, and pairs of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.errors import DataError
from headstart.core.modality import Preparer
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import Preprocessing, TextPreprocessing
from headstart.core.text_content import texts_of
from headstart.data import text_duplicates, text_facts
from headstart.data.text_prepare import TextPreparer
from headstart.data.text_views import LIGHT, STRONG, TextAugmentation, TextView

EXCERPT = 300  # characters of a text that a report shows


class TextModality:
    """See ``core.modality.Modality``."""

    name = "text"
    noun = "text"
    plural = "texts"
    measures = ("characters",)
    fingerprint_dim = text_duplicates.LENGTH
    fingerprint_version = text_duplicates.VERSION
    fact_names = text_facts.NAMES
    facts_version = text_facts.VERSION
    size_fact_names = ("characters",)

    def __init__(self, config: Config) -> None:
        """Nothing to set."""

    def look(self, content: bytes) -> tuple[int, ...]:
        """Number of characters, of both texts of a pair."""
        return (sum(map(len, texts_of(content))),)

    def preparer(self, preprocessing: Preprocessing, assets: Mapping[str, bytes]) -> Preparer:
        """Needs the tokenizer among the assets."""
        return TextPreparer(TextPreprocessing.parse(preprocessing.model_dump(), "preprocessing"), assets)

    def fingerprint(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """See ``data.text_duplicates``."""
        return text_duplicates.fingerprint(prepared)

    def facts(self, prepared: NDArray[Any], preparer: Preparer) -> NDArray[np.float32]:
        """See ``data.text_facts``."""
        preprocessing = TextPreprocessing.parse(preparer.preprocessing.model_dump(), "preprocessing")
        unknown = preparer.unknown_token if isinstance(preparer, TextPreparer) else None
        return text_facts.facts(prepared, unknown, preprocessing.max_tokens)

    def size_facts(self, sizes: NDArray[np.int64]) -> NDArray[np.float32]:
        """Number of characters."""
        return sizes.astype(np.float32)

    def near_duplicates(self, keys: NDArray[np.uint8], fingerprints: NDArray[np.float32]) -> NDArray[np.int64]:
        """See ``data.text_duplicates``."""
        return text_duplicates.near_duplicate_groups(keys, fingerprints)

    def augmentation(self, strength: str) -> dict[str, Any] | None:
        """Words left out with a chance of 10 %, strong 20 %."""
        return (STRONG if strength == "strong" else LIGHT).model_dump(mode="json")

    def view(self, preparer: Preparer, augmentation: Mapping[str, Any], number: int) -> Preparer:
        """See ``data.text_views``."""
        if number == 0:
            return preparer
        return TextView(preparer, TextAugmentation.parse(augmentation, "augmentation"), number)

    def notes(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> list[str]:
        """How many texts are cut, and how much of them is never seen."""
        tokens = _tokens(preparer, sample)
        if not isinstance(preparer, TextPreparer) or not len(tokens):
            return []
        most = preparer.preprocessing.max_tokens
        long = tokens > most
        if not long.any():
            return []
        unseen = np.maximum(tokens - most, 0).sum() / tokens.sum()
        return [
            f"about {_percent(long.mean())} of the texts are longer than the {most} tokens that are read (the longest "
            f"looked into has {tokens.max():,}), so about {_percent(unseen)} of all tokens are never seen; "
            f"--set model.max_tokens=N reads more, as far as the network allows, and takes longer"
        ]

    def unseen_fraction(self, sizes: NDArray[np.int64], preparer: Preparer, sample: list[bytes]) -> float:
        """Mean share of a text's tokens that are cut off."""
        tokens = _tokens(preparer, sample)
        if not isinstance(preparer, TextPreparer) or not len(tokens):
            return 0.0
        return float((np.maximum(tokens - preparer.preprocessing.max_tokens, 0) / tokens).mean())

    def excerpt(self, content: bytes) -> dict[str, Any]:
        """The first 300 characters in one line; of a pair both texts, 150 each."""
        texts = texts_of(content)
        return {"text": " / ".join(_shortened(text, EXCERPT // len(texts)) for text in texts)}


def _tokens(preparer: Preparer, sample: list[bytes]) -> NDArray[np.int64]:
    """Tokens of each text of the sample that can be read."""
    found = []
    if isinstance(preparer, TextPreparer):
        for content in sample:
            try:
                found.append(max(preparer.tokens(content), 1))
            except DataError:
                continue
    return np.array(found, np.int64)


def _shortened(text: str, characters: int) -> str:
    line = " ".join(text[: 4 * characters].split())
    return line if len(line) <= characters and len(text) <= 4 * characters else line[:characters].rstrip() + "..."


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 else "less than 1 %"


PLUGIN = Plugin(build=TextModality)
