"""Class names: one spelling, one order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def spell(name: str) -> str:
    """Unicode NFC, without white space at the ends: two ways to type an accent are one class."""
    composed = unicodedata.normalize("NFC", name)
    return composed.strip() or composed


def order(names: Iterable[str]) -> tuple[str, ...]:
    """Distinct names in output order: numeric order if all are numbers, else by code point.

    >>> order(["10", "9", "9"]), order(["b10", "b9"])
    (('9', '10'), ('b10', 'b9'))
    """
    distinct = set(names)
    if all(NUMBER.fullmatch(name) for name in distinct):
        return tuple(sorted(distinct, key=lambda name: (float(name), name)))
    return tuple(sorted(distinct))
