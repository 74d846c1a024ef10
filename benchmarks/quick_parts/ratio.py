"""What a ratio is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ratio:
    """Our time over a yardstick's.

    Attributes:
        what: In words.
        measure: One round, in a folder of its own.
    """

    name: str
    what: str
    measure: Callable[[Path], float]
