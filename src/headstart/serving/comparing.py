"""Two bundles on the same examples: how often they say the same, and how far their probabilities are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from threading import Lock
from typing import Any

from headstart.evaluation.proportions import clopper_pearson
from headstart.serving.models import Row


@dataclass
class _Sums:
    examples: int = 0
    same: int = 0
    difference: float = 0.0
    squared: float = 0.0


class Comparison:
    """Sums alone are kept, never examples.

    Args:
        first, second: Names of the bundles with their versions.
    """

    def __init__(self, first: str, second: str) -> None:
        self.first, self.second = first, second
        self._sums, self._lock = _Sums(), Lock()

    def add(self, first: Row, second: Row) -> bool:
        """One example that both answered; returns whether they said the same."""
        said = first.get("prediction"), second.get("prediction")
        is_same = said[0] == said[1]
        with self._lock:
            self._sums.examples += 1
            self._sums.same += is_same
            ours, theirs = (row.get("probability", row.get("prediction")) for row in (first, second))
            if isinstance(ours, int | float) and isinstance(theirs, int | float):
                difference = float(theirs) - float(ours)
                self._sums.difference += difference
                self._sums.squared += difference**2
        return is_same

    def to_dict(self) -> dict[str, Any]:
        """Shares and means with 95 % intervals; the mean of paired differences by the normal law."""
        sums = self._sums
        document: dict[str, Any] = {"first": self.first, "second": self.second, "examples": sums.examples}
        if not sums.examples:
            return document
        low, high = clopper_pearson(sums.same, sums.examples)
        mean = sums.difference / sums.examples
        spread = math.sqrt(max(sums.squared / sums.examples - mean**2, 0.0) / sums.examples)
        reach = 1.96 * spread
        return {
            **document,
            "same": {"value": sums.same / sums.examples, "low": float(low), "high": float(high)},
            "second_less_first": {"value": mean, "low": mean - reach, "high": mean + reach},
        }
