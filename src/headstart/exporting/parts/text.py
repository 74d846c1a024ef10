"""Turn texts into tokens."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

HERE = Path(__file__).resolve().parent
CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}


@functools.cache
def tokenizer(most: int) -> Any:
    """The one that the network was trained with; it cuts off what follows so many tokens."""
    found = tokenizers.Tokenizer.from_file(str(HERE / "tokenizer.json"))
    found.no_padding()
    found.enable_truncation(most, strategy="longest_first")
    return found


def prepared(content: bytes, facts: dict[str, Any]) -> np.ndarray:
    """UTF-8 text, or a pair as a JSON array of two: (T, 2) int32, token and segment, -1 where padded."""
    settings = facts["preprocessing"]
    texts = [text.translate(CONTROLS) for text in pair(content.decode("utf-8-sig"))]
    if not any(text.strip() for text in texts):
        raise ValueError("an empty text")
    most = settings["max_tokens"]
    found = tokenizer(most).encode(*(settings["prefix"] + beginning(text, 32 * most) for text in texts))
    step = settings["step"] * (1 if len(found.ids) <= 32 else 8)
    length = max(min(-(-len(found.ids) // step) * step, most), len(found.ids))
    tokens = np.full((length, 2), -1, np.int32)
    tokens[: len(found.ids)] = np.stack([found.ids, found.type_ids], axis=1)
    return tokens


def beginning(text: str, characters: int) -> str:
    """The first characters, up to a white space where there is one in their last quarter."""
    if len(text) <= characters:
        return text
    cut = text[:characters]
    spaces = list(re.compile(r"\s").finditer(cut, characters - characters // 4))
    return cut[: spaces[-1].start()] if spaces else cut


def pair(text: str) -> list[str]:
    """Two texts where a JSON array holds two, else the one."""
    try:
        values = json.loads(text) if text.startswith("[") and text.endswith("]") else None
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, list) and len(values) == 2 and all(isinstance(each, str) for each in values):
        return values
    return [text]
