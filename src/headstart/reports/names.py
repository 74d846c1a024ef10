"""Names that came from outside, made short enough for a drawing or a table head."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from headstart.core import plugins

ROOMS = ("methods", "backbones.fitted")  # whose plugins are candidates and comparisons; each states its title itself
ROW = re.compile(r"(?:[^/]+/)*\d+")  # of a table; further tables of a set stand before a slash
ROWS = (
    "Examples are called by their row, counted from 0 below the header: 0 is the first example, which is row 2 of a "
    "spreadsheet that begins with a header."
)
RANDOM_WEIGHTS = "random_weights"  # the one comparison that is no plugin


def readable(name: object) -> str:
    """What a method, baseline or comparison is called in a sentence; any other name stays as it is."""
    text = str(name)
    if text == RANDOM_WEIGHTS:
        return "Same network, random weights"
    for room in ROOMS:
        if text in plugins.names(room):
            return plugins.stated(room, text).get("title", text)
    return text


def shorten(name: object, longest: int = 40) -> str:
    """Cut the middle out of a long name, so that both ends stay told apart; the result is at most ``longest`` long.

    >>> shorten("a_very_long_file_name_indeed.jpg", 17)
    'a_very_l\u2026deed.jpg'
    """
    text = " ".join(str(name).split()) or "(empty)"
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    tail = longest - 1 - head
    start = len(text) - tail
    while start < len(text) and (unicodedata.combining(text[start]) or text[start] in "\u200d\ufe0f"):
        start += 1  # a mark without its letter, or half of a joined emoji, would change its neighbour
    return f"{text[:head].rstrip(chr(0x200D))}\u2026{text[start:]}"


def about_rows(ids: Iterable[str], id_column: object = None) -> str:
    """A sentence where examples are called by their row; empty where they have other names, or there are none.

    Args:
        ids: What examples are called.
        id_column: The column that names them, where one was given.

    >>> about_rows(["a.jpg"]), about_rows(["test/0", "test/17"])[:54]
    ('', 'Examples are called by their row, counted from 0 below')
    """
    names = list(ids)
    return ROWS if names and not id_column and all(ROW.fullmatch(name) for name in names) else ""


def quoted(name: object, longest: int = 40) -> str:
    """A foreign name inside one of our sentences: short, in quotation marks, its writing direction kept to itself."""
    return f"\u201c\u2068{shorten(name, longest)}\u2069\u201d"
