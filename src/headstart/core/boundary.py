"""The value between two stages of a backbone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Boundary:
    """What flows from ``stages[:k]`` into ``stages[k:]``; batch-first.

    Attributes:
        values: ``(B, ...)``. Boundary 0 holds the network's own input (normalised pixels, token numbers, a waveform),
            boundary n the pooled features ``(B, D)``.
        mask: ``(B, T)`` bool for padded sequences, else None.
        extras: Further tensors that later stages need, batch-first. Position terms are computed again, not kept.
    """

    values: Tensor
    mask: Tensor | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
