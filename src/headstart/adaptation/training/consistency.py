"""Own predictions as labels, where they are sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def aligned(probabilities: Tensor, shares: Tensor) -> Tensor:
    """``(B, K)`` probabilities brought to shares ``(K,)`` of the classes, each row of sum 1 again.

    Berthelot et al., ICLR 2020, arXiv:1911.09785.
    """
    moved = probabilities * (shares / probabilities.mean(0).clamp_min(1e-6))
    return moved / moved.sum(1, keepdim=True)


def consistency_loss(outputs: Tensor, said: Tensor, threshold: float) -> Tensor:
    """Cross-entropy of ``(B, K)`` logits against the most probable class of ``said`` ``(B, K)``, as a mean over all B:
    rows whose probability there is below ``threshold`` count 0.
    """
    from torch.nn.functional import cross_entropy

    sure, labels = said.max(1)
    return (cross_entropy(outputs, labels, reduction="none") * (sure >= threshold)).mean()
