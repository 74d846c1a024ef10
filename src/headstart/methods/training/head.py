"""The linear head of a network: filled from the probe, or begun anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn


def fill_head(head: nn.Linear, weight: NDArray[np.float64], bias: NDArray[np.float64]) -> None:
    """Copy ``(W, D)`` and ``(W,)`` into the head."""
    import torch

    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))


def draw_head(head: nn.Linear, seed: int) -> None:
    """Small random weights, a bias of zero; the caller's random state stays as it is."""
    import torch

    drawn = torch.empty(head.weight.shape).normal_(0.0, 0.01, generator=torch.Generator().manual_seed(seed % 2**63))
    with torch.no_grad():
        head.weight.copy_(drawn)
        head.bias.zero_()
