"""Which characters a file's bytes stand for: UTF-8, UTF-16 and UTF-32 with their mark, else Windows-1252 or Latin-1.

Deterministic, and in an order in which a wrong guess is unlikely: text in another encoding is hardly ever valid UTF-8
by chance, so what is valid UTF-8 is taken for it. What remains is read as Windows-1252, the superset of Latin-1 that
Western European programs write, or as Latin-1 where a byte has no meaning in it. Readers say so, since Greek or
Japanese text in an old encoding comes out wrong without any error.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from headstart.core.errors import DataError
from headstart.core.text_content import BROKEN, NOT_ASCII, UNDEFINED_IN_CP1252, marked

BLOCK = 1 << 20  # bytes read at a time


@dataclass(frozen=True)
class Encoding:
    """How to decode a file.

    Attributes:
        name: As Python spells it; decoding with it takes a byte order mark away.
        note: What people should know about the choice; "" for UTF-8 and where a mark says it.
    """

    name: str
    note: str = ""


def encoding_of(path: Path) -> Encoding:
    """How to decode a file; reads all of it once, in blocks (about 1 GB/s where it is UTF-8).

    Raises:
        DataError: most of what is not ASCII is valid UTF-8 and some is not, so the file is damaged UTF-8.
    """
    with path.open("rb") as stream:
        name = marked(stream.read(4))
        if name is not None:
            return Encoding(name, "" if name == "utf-8-sig" else f"{path.name} is {name.upper()} text")
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _not_utf8(path)
    return Encoding("utf-8")


def _not_utf8(path: Path) -> Encoding:
    """Windows-1252 or Latin-1, unless the file is UTF-8 with some damage."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")  # what is no UTF-8 becomes U+DC80 to U+DCFF
    valid = broken = lines = line_of_first = 0
    is_cp1252, block = True, b"-"
    with path.open("rb") as stream:
        while block:
            block = stream.read(BLOCK)
            is_cp1252 = is_cp1252 and not UNDEFINED_IN_CP1252.search(block)
            text = decoder.decode(block, final=not block)
            bad = BROKEN.findall(text)
            if bad and not broken:
                line_of_first = lines + text[: text.index(bad[0])].count("\n") + 1
            broken += len(bad)
            valid += len(NOT_ASCII.findall(text)) - len(bad)
            lines += text.count("\n")
    if valid > broken:
        raise DataError(
            f"{path} must be text in one encoding; most of it is UTF-8, and line {line_of_first} is not. "
            "Correct that line, or save the whole file again as UTF-8."
        )
    name, called = ("cp1252", "Windows-1252") if is_cp1252 else ("latin-1", "Latin-1")
    said = f"{path.name} is not UTF-8 and was read as {called} (Western European)"
    return Encoding(name, f"{said}; if letters look wrong, save it as UTF-8")
