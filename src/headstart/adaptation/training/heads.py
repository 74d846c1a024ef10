"""A second linear head beside a model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


def second_head(head: nn.Linear, apart: float) -> nn.Linear:
    """A copy with noise of ``apart`` times the spread of its weights, so that two heads do not learn the same."""
    import copy

    import torch

    other = copy.deepcopy(head)
    with torch.no_grad():
        other.weight.add_(apart * head.weight.std() * torch.randn_like(head.weight))
    return other


def constant_head(head: nn.Linear, features: Tensor) -> Tensor:
    """``(B, K)`` outputs of ``(B, D)`` features, through which no gradient reaches the head."""
    from torch.nn.functional import linear

    return linear(features, head.weight.detach(), head.bias.detach())
