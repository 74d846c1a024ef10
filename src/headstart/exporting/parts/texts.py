"""Read texts."""

from __future__ import annotations

import json

CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}


def texts_of(content: bytes) -> list[str]:
    """UTF-8 text, or a pair as a JSON array of two, without control characters."""
    texts = [text.translate(CONTROLS) for text in pair(content.decode("utf-8-sig"))]
    if not any(text.strip() for text in texts):
        raise ValueError("an empty text")
    return texts


def pair(text: str) -> list[str]:
    """Two texts where a JSON array holds two, else the one."""
    try:
        values = json.loads(text) if text.startswith("[") and text.endswith("]") else None
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, list) and len(values) == 2 and all(isinstance(each, str) for each in values):
        return values
    return [text]
