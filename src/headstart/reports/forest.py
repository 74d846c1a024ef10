"""A row of a forest: a name, a figure with its interval, and where both are drawn; see ``drawing.html``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ForestRow:
    """Texts, and positions in percent; ``low`` and ``high`` are None where there is no interval."""

    name: str
    n: str
    value: str
    span: str
    at: float
    low: float | None
    high: float | None
