"""Numbers that were written as text: which spelling a column uses, and reading it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from headstart.core.schema import Spelling

POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)  # 3,5: a decimal comma, or 3,500: thousands
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
CODE = re.compile(r"0\d+", re.ASCII)  # 01234: a postcode; as a number it would lose its zero
# What people write into a column of numbers or dates where they have none; compared in lower case.
MISSING_MARKS = frozenset(("", "na", "n/a", "nan", "null", "none", "nil", "nat", "?", "-", "--", ".", "#n/a", "<na>"))
LARGEST = 1.7976931348623157e308


def is_missing_mark(text: str) -> bool:
    """Whether a text in a column of numbers or dates says that there is none."""
    return text.strip().lower() in MISSING_MARKS


def number_in(text: str, spelling: Spelling = "") -> float | None:
    """The finite number that a text is; None for any other text.

    >>> number_in(" 1.50"), number_in("1e3"), number_in("2,5", "decimal_comma"), number_in("1,500", "thousands_comma")
    (1.5, 1000.0, 2.5, 1500.0)
    >>> number_in("2,5"), number_in("nan"), number_in("1_000")
    (None, None, None)
    """
    text = text.strip()
    if "," in text:
        if spelling == "decimal_comma" and COMMA.fullmatch(text):
            text = text.replace(",", ".")
        elif spelling == "thousands_comma" and THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
    if not POINT.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) <= LARGEST else None


def spelling_of(texts: Iterable[str]) -> tuple[Spelling, str]:
    """How numbers with a comma are meant in a column, and an example of one; ``("", "")`` without any.

    A comma stands for decimals where it cannot stand for thousands in some value, as in "3,5", and no value has a
    point; for thousands where it must, as in "1,234.5" or "1,234,567". Where all could be both, as in "1,234", the
    column's spelling stays open: ``("", "1,234")``.
    """
    is_decimal = is_thousands = has_point = False
    example = ""
    for text in texts:
        text = text.strip()
        if "," not in text:
            has_point = has_point or "." in text
            continue
        if THOUSANDS.fullmatch(text):
            example = example or text
            is_thousands = is_thousands or "." in text or text.count(",") > 1
        elif COMMA.fullmatch(text):
            is_decimal, example = True, text
    if is_decimal:
        return ("", example) if is_thousands or has_point else ("decimal_comma", example)
    return ("thousands_comma" if is_thousands or (has_point and example) else "", example)
