"""A small network that tells the domains apart, and how wrong it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


def discriminator(width: int, hidden: int) -> nn.Module:
    """``(B, width)`` to ``(B, 1)`` logits, positive for the source.

    Its inputs are standardised row by row first: features of networks differ in scale by orders of magnitude.
    """
    from torch import nn

    return nn.Sequential(
        nn.LayerNorm(width, elementwise_affine=False),
        *(nn.Linear(width, hidden), nn.ReLU()),
        *(nn.Linear(hidden, hidden), nn.ReLU()),
        nn.Linear(hidden, 1),
    )


def domain_loss(source: Tensor, target: Tensor, weights: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """Mean binary cross-entropy, both domains alike; log 2 where they cannot be told apart.

    Args:
        source: ``(n, 1)`` logits that should be positive.
        target: ``(m, 1)`` logits that should be negative.
        weights: ``(n,)`` and ``(m,)`` of mean 1; None: all 1.
    """
    from torch.nn.functional import softplus

    losses = softplus(-source[:, 0]), softplus(target[:, 0])
    if weights is not None:
        losses = losses[0] * weights[0], losses[1] * weights[1]
    return (losses[0].mean() + losses[1].mean()) / 2
