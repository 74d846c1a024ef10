"""From an input's bytes to its text, or to the two texts of a pair.

The encoding is found in an order in which a wrong guess is unlikely: a byte order mark, then UTF-8, which text in
another encoding is hardly ever by chance (with U+FFFD for damage where most of what is not ASCII is valid), then
Windows-1252, the superset of Latin-1 that Western European programs write, or Latin-1 where a byte has no meaning in
that.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata

from headstart.core.errors import DataError

# What files start with; UTF-32 first, since the mark of UTF-16 begins it.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
BROKEN = re.compile("[\udc80-\udcff]")  # what becomes of bytes that are not UTF-8 under "surrogateescape"
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
REPLACEMENT = "\ufffd"
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
    texts = tuple(without_lone_surrogates(one.translate(CONTROLS)) for one in _pair(text) or (text,))
    if all(map(is_blank, texts)):
        raise DataError("an empty text")
    return texts


def pair_bytes(first: str, second: str) -> bytes:
    """The bytes of a pair of texts."""
    return json.dumps([first, second], ensure_ascii=False).encode("utf-8", "surrogatepass")


def is_blank(text: str) -> bool:
    """Nothing in it that could be seen: white space, control characters, marks without width."""
    return all(unicodedata.category(character) in INVISIBLE for character in text)


def marked(start: bytes) -> str | None:
    """The encoding that a byte order mark says, from the first four bytes; None without one."""
    return next((name for mark, name in MARKS if start.startswith(mark)), None)


def decoded(content: bytes) -> str:
    """The text of some bytes, by the same rules; never fails, and what it returns can be written as UTF-8.

    Lone halves of surrogate pairs, which JSON can hold and no text has, become U+FFFD, as does what a mark promises
    and the bytes do not keep.

    >>> decoded("café".encode("utf-16")), decoded("café".encode("cp1252"))
    ('café', 'café')
    """
    if name := marked(content[:4]):
        return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return without_lone_surrogates(content.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8", "surrogateescape")
    if len(NOT_ASCII.findall(text)) > 2 * len(BROKEN.findall(text)):  # most of it is UTF-8: it is damaged
        return BROKEN.sub(REPLACEMENT, text)
    return content.decode("latin-1" if UNDEFINED_IN_CP1252.search(content) else "cp1252")


def without_lone_surrogates(text: str) -> str:
    """The same text, each lone half of a surrogate pair replaced by U+FFFD."""
    return text if text.isascii() else LONE_SURROGATE.sub(REPLACEMENT, text)


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
