"""Targets as users write them: names, and numbers among them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from headstart.core.errors import choice_message

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d*|[+-]?[1-9]\d{0,2}(,\d{3}){2,}", re.ASCII)  # no decimal comma
LISTED = 5  # values named in a message


def as_name(value: Any) -> str:
    """A target's text in Unicode NFC: two ways to type an accent are one name."""
    return unicodedata.normalize("NFC", str(value))


def number(name: str) -> float | None:
    """The number that a text is; None for anything else, for NaN and for infinity.

    >>> [number(text) for text in ("2.50", "1e3", "3,5", "nan", "two")]
    [2.5, 1000.0, None, None, None]
    """
    text = name.strip()
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if np.isfinite(value) else None


def meant_number(text: str) -> str | None:
    """How a number with commas would be written here; None where the text is none.

    >>> [meant_number(text) for text in ("3,5", "1,234.50", "1,234,567", "3.5", "two, three")]
    ['3.5', '1234.50', '1234567', None, None]
    """
    text = text.strip()
    if THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else None


def some(names: Iterable[str]) -> str:
    """The first few of them, for a message.

    >>> some("abcdefg")
    "['a', 'b', 'c', 'd', 'e'] and 2 more"
    """
    listed = list(names)
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    return f"{listed[:LISTED]}{more}"


def near(name: str, known: Sequence[str]) -> str:
    """``" Did you mean 'shoe'?"`` where a known name is close, else nothing."""
    _, question, hint = choice_message("", name, known).rpartition(" Did you mean ")
    return question + hint if question else ""
