"""What a method that adapts while it predicts is given, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork

STREAM = "adaptation.stream"


@dataclass(frozen=True)
class Stepped:
    """One batch.

    Attributes:
        features: ``(B, D)`` that the rows are answered from.
        logits: ``(B, K)`` of them.
        used: How many rows the network learned from.
    """

    features: Tensor
    logits: Tensor
    used: int


class StreamMethod(Protocol):
    """Adapts a network a little with each batch."""

    def begin(self, network: StreamNetwork) -> None:
        """Called once, and again after a reset: choose what may move."""

    def step(self, network: StreamNetwork, values: Tensor) -> Stepped:
        """Answer a prepared batch ``values`` ``(B, ...)`` and learn from it."""
