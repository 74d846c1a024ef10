"""What the user asks of a search."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """How much may be lost, and how fast it must be.

    Attributes:
        max_drop: Points of the primary metric that may be lost on held-out examples.
        speedup: Times as fast as the model as it is; None: as fast as can be.
    """

    max_drop: float
    speedup: float | None = None
