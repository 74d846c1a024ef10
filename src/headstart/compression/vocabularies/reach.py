"""Pieces that stay in a vocabulary's count and that no text can have."""

from __future__ import annotations

NEVER = "\ufdd0"  # Unicode keeps this character out of texts


def out_of_reach(number: int) -> str:
    """In place of the piece of this number; each is another.

    >>> out_of_reach(7) == out_of_reach(8)
    False
    """
    return f"{NEVER}{number}"
