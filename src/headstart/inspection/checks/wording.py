"""Counts and lists as sentences hold them."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.data.walk import shortened
from headstart.inspection.examined import percent

LEAST_SHOWN = 0.001  # smaller shares would be shown as 0.0 %


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "class", "classes"), counted(2_000, "example")
    ('1 class', '2,000 examples')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def verb(count: int, one: str = "is", several: str = "are") -> str:
    """The verb's form that goes with a number."""
    return one if count == 1 else several


def some(names: Sequence[str], most: int = 5) -> str:
    """The first few names in quotes."""
    return shortened([repr(name) for name in names], most)


def part_of(count: int, whole: int, noun: str) -> str:
    """A part of a whole, with its share.

    >>> part_of(3, 100, "example"), part_of(1, 10_000, "label")
    ('3 of 100 examples (3 %)', '1 of 10,000 labels (less than 0.1 %)')
    """
    share = count / whole
    shown = percent(share) if share >= LEAST_SHOWN or not count else "less than 0.1 %"
    return f"{count:,} of {counted(whole, noun)} ({shown})"
