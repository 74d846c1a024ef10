"""What the user asks of a search."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """How much may be lost, how fast and how small it must be.

    Attributes:
        max_drop: Points of the primary metric that may be lost on held-out examples.
        speedup: Times as fast as the model as it is; None: as fast as can be.
        smaller: Times as small in bytes; None: of any size.
        by: Which times must fall, one of :data:`headstart.compression.points.BY`.
    """

    max_drop: float
    speedup: float | None = None
    smaller: float | None = None
    by: str = "both"
