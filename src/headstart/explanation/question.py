"""What an explainer is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.explanation.example import Example
from headstart.explanation.model import Model
from headstart.explanation.unit import Units

if TYPE_CHECKING:
    from headstart.explanation.network import Network

ROOM = "explanation.explainers"


@dataclass(frozen=True)
class Question:
    """Which units of an example does the model's answer rest on?

    Attributes:
        example: As the model takes it.
        units: Of the example.
        model: Asked about one output.
        networks: The differentiable networks with their heads, built when it is called; raises ConfigError with the
            reason where there are none.
    """

    example: Example
    units: Units
    model: Model
    networks: Callable[[], tuple[Network, ...]]


@dataclass(frozen=True)
class Attribution:
    """A figure for each unit: positive where it speaks for what is explained.

    Attributes:
        values: Of the units' shape, float64, finite.
        cost: What was computed, in words.
        gap: How far the figures' sum is from what they should add up to, as a share of it (0 is exact); None where the
            explainer promises no sum.
    """

    values: NDArray[np.float64]
    cost: str
    gap: float | None = None


class Explainer(Protocol):
    """A file of ``explainers`` builds it."""

    def explain(self, question: Question) -> Attribution:
        """One attribution."""


def relative_gap(total: float, expected: float) -> float:
    """``|total - expected|`` as a share of ``|expected|``; where nothing is expected, 0 or 1.

    >>> relative_gap(0.9, 1.0), relative_gap(0.0, 0.0)
    (0.09999999999999998, 0.0)
    """
    if expected == 0:
        return float(total != 0)
    return abs(total - expected) / abs(expected)
