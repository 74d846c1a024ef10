"""Texts from their bytes and back; of a pair of texts both get worse."""

from __future__ import annotations

import json
from collections.abc import Callable

from headstart.core.errors import DataError


def changed(content: bytes, change: Callable[[str], str]) -> bytes:
    """The text, or both texts of a pair, changed; raises DataError where the bytes are no text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError("the text is not UTF-8") from None
    pair = _pair(text)
    if pair is None:
        return change(text).encode()
    return json.dumps([change(each) for each in pair], ensure_ascii=False).encode()


def _pair(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    is_pair = isinstance(found, list) and len(found) == 2 and all(isinstance(each, str) for each in found)
    return found if is_pair else None
