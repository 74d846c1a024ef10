"""Windows of a new domain along an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from headstart.adaptation.domains import Unlabeled


@dataclass(frozen=True)
class Order:
    """Windows of the new domain.

    Attributes:
        column: Its name.
        kind: "number" or "date".
        counts: Examples of each window.
        spans: ``(W, 2)`` first and last value of each; of dates seconds since 1970 in UTC.
        path: The windows before the last.
        without: Examples without a value, which are left out.
        notes: What people should know.
    """

    column: str
    kind: str
    counts: tuple[int, ...]
    spans: NDArray[np.float64]
    path: tuple[Unlabeled, ...]
    without: int
    notes: tuple[str, ...]
