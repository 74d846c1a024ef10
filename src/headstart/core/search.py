"""What a search may vary, as plain data beside a method's settings: no search library is needed to read it.

Values of a trained network are relative to what was measured on the user's data (a range test finds a rate, probes of
the stages a depth), so that one space serves networks and data of all kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class LogRange:
    """A positive number between two bounds, evenly on a logarithmic scale."""

    low: float
    high: float


@dataclass(frozen=True)
class Times:
    """The measured value times a factor between two bounds, evenly on a logarithmic scale."""

    low: float
    high: float


@dataclass(frozen=True)
class Shift:
    """The measured whole number plus a shift from ``low`` to ``high``."""

    low: int
    high: int


Dimension = Choice | LogRange | Times | Shift
Space = Mapping[str, Dimension]


def resolved(space: Space, drawn: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Settings from what was drawn.

    Args:
        space: Of the method.
        drawn: By name: a value, a factor of Times, a shift of Shift.
        measured: What Times and Shift are relative to.

    >>> resolved({"lr": Times(0.3, 3), "freeze": Shift(-2, 1)}, {"lr": 2.0, "freeze": -2}, {"lr": 1e-4, "freeze": 4})
    {'lr': 0.0002, 'freeze': 2}
    """
    found: dict[str, Any] = {}
    for name, value in drawn.items():
        dimension = space[name]
        if isinstance(dimension, Times):
            found[name] = measured[name] * value
        elif isinstance(dimension, Shift):
            found[name] = max(0, measured[name] + value)
        else:
            found[name] = value
    return found
