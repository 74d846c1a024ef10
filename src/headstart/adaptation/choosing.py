"""Which adapter, if any: provisional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headstart.adaptation.trying import SOURCE_ONLY, Tried


@dataclass(frozen=True)
class Choice:
    """What was decided.

    Attributes:
        name: Of the adapter; None: the model stays as it is.
        why: A sentence.
        gains: By adapter: estimated gain over source only in points, with its interval {value, low, high}.
    """

    name: str | None
    why: str
    gains: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def choose(found: Sequence[Tried], named: str | None) -> Choice:
    """Provisional."""
    base = found[0]
    values = {each.name: 100 * (each.values["confidence"] - base.values["confidence"]) for each in found[1:]}
    gains = {name: {"value": value, "low": None, "high": None} for name, value in values.items()}
    if named is not None:
        return Choice(named, f"{named} was asked for.", gains)
    best = max(values, key=lambda name: values[name])
    if not values[best] > 0:
        return Choice(None, f"No adapter is likely to be better than {SOURCE_ONLY}.", gains)
    return Choice(best, f"{best} is estimated to be better by {values[best]:.1f} points.", gains)
