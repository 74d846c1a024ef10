"""From an input's bytes to its text, or to the two texts of a pair."""

from __future__ import annotations

import json
import unicodedata

from headstart.core.errors import DataError
from headstart.data.encoding import decoded

# Control characters but tab and line breaks: they stand for nothing that is read, and some tokenizers keep them.
CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()}
INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp"))  # Unicode categories of what nobody sees


def texts_of(content: bytes) -> tuple[str, ...]:
    r"""One text, or two where the bytes are a JSON array of two strings, without control characters.

    Joiners, marks of direction and all scripts stay as they are.

    Raises:
        DataError: there is nothing to read. Of a pair one side may be empty: an answer that was not given is one.

    >>> texts_of(b"to be\0"), texts_of(b'["to be", "or not"]')
    (('to be',), ('to be', 'or not'))
    """
    text = decoded(content)
    texts = tuple(one.translate(CONTROLS) for one in _pair(text) or (text,))
    if all(map(is_blank, texts)):
        raise DataError("an empty text")
    return texts


def pair_bytes(first: str, second: str) -> bytes:
    """The bytes of a pair of texts."""
    return json.dumps([first, second], ensure_ascii=False).encode("utf-8", "surrogatepass")


def is_blank(text: str) -> bool:
    """Nothing in it that could be seen: white space, control characters, marks without width."""
    return all(unicodedata.category(character) in INVISIBLE for character in text)


def _pair(text: str) -> tuple[str, str] | None:
    if not text.startswith("[") or not text.endswith("]"):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(values, list) and len(values) == 2 and all(isinstance(value, str) for value in values):
        return values[0], values[1]
    return None
