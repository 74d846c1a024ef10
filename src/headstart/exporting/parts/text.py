"""Turn texts into tokens."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import tokenizers

from headstart.exporting.parts.texts import texts_of


@functools.cache
def tokenizer(path: str, most: int) -> Any:
    """The one that the network was trained with; it cuts off what follows so many tokens."""
    found = tokenizers.Tokenizer.from_file(path)
    found.no_padding()
    found.enable_truncation(most, strategy="longest_first")
    return found


def tokens(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """A text, or a pair: (T, 2) int32, token and segment, -1 where padded."""
    settings = asked["preprocessing"]
    most = settings["max_tokens"]
    encode = tokenizer(asked["folder"] + asked["tokenizer"], most).encode
    found = encode(*(settings["prefix"] + beginning(text, 32 * most) for text in texts_of(content)))
    step = settings["step"] * (1 if len(found.ids) <= 32 else 8)
    length = max(min(-(-len(found.ids) // step) * step, most), len(found.ids))
    padded = np.full((length, 2), -1, np.int32)
    padded[: len(found.ids)] = np.stack([found.ids, found.type_ids], axis=1)
    return padded


def beginning(text: str, characters: int) -> str:
    """The first characters, up to a white space where there is one in their last quarter."""
    if len(text) <= characters:
        return text
    cut = text[:characters]
    spaces = list(re.compile(r"\s").finditer(cut, characters - characters // 4))
    return cut[: spaces[-1].start()] if spaces else cut
