"""A few examples of a window by their id: drawn at random, least sure, and strangest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

MOST = 50  # of each kind
LONGEST_ID = 200  # characters

Kept = tuple[tuple[float, str], ...]  # ascending by the number before the id


@dataclass(frozen=True)
class Named:
    """Ids alone.

    Attributes:
        drawn: With a number that follows from the id, so that those with the smallest are a fair draw, of any number
            of windows together.
        unsure: With the probability of what was predicted.
        strange: With the share of held-out examples as strange.
    """

    drawn: Kept = ()
    unsure: Kept = ()
    strange: Kept = ()

    @classmethod
    def of(cls, ids: Sequence[str], sure: Any, strange: Any) -> Self:
        """Of some examples; ``sure`` and ``strange`` ``(n,)`` or None."""
        names = [each[:LONGEST_ID] for each in ids]
        drawn = [(int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big") / 2**48, name) for name in names]
        return cls(_least(drawn), _least(_with(sure, names)), _least(_with(strange, names)))

    def joined(self, other: Named, most: int = MOST) -> Named:
        """Of both."""
        return Named(
            _least([*self.drawn, *other.drawn], most),
            _least([*self.unsure, *other.unsure], most),
            _least([*self.strange, *other.strange], most),
        )

    def least(self, most: int) -> Named:
        """The first of each kind."""
        return Named(self.drawn[:most], self.unsure[:most], self.strange[:most])

    def to_dict(self) -> dict[str, list[list[Any]]]:
        """JSON."""
        return {
            name: [[round(number, 6), each] for number, each in getattr(self, name)]
            for name in ("drawn", "unsure", "strange")
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Of JSON; raises KeyError, TypeError or ValueError where it is none."""
        return cls(*(_least([(float(number), str(each)[:LONGEST_ID]) for number, each in document[name]])
                     for name in ("drawn", "unsure", "strange")))  # fmt: skip


def _with(values: Any, names: Sequence[str]) -> list[tuple[float, str]]:
    return [] if values is None else [(float(value), name) for value, name in zip(values, names, strict=True)]


def _least(pairs: Sequence[tuple[float, str]], most: int = MOST) -> Kept:
    return tuple(sorted(pairs)[:most])
