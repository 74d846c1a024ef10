"""What a score says of a group."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Elimination:
    """In which order units go, and what is lost by then.

    Attributes:
        order: ``(units,)`` int64, each once; the last is missed most.
        losses: ``(units,)`` float64, not descending: what is lost when ``order[: k + 1]`` are gone.
    """

    order: Tensor
    losses: Tensor


def by_size(losses: Tensor) -> Elimination:
    """Units that lose least by themselves go first, and what they lose adds up."""
    order = torch.argsort(losses, stable=True)
    return Elimination(order, losses[order].cumsum(0))
