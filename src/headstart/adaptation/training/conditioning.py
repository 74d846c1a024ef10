"""Features together with what is predicted from them: the outer product, or a random projection of it.

Long, Cao, Wang & Jordan, NeurIPS 2018, arXiv:1705.10667.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.entropy import entropies

if TYPE_CHECKING:
    from torch import Tensor

WIDEST = 4096  # of the outer product, as in the paper; beyond it a random projection
PROJECTED = 1024


class Conditioned:
    """From ``(B, D)`` features and ``(B, K)`` probabilities to ``(B, width)``.

    Args:
        features: D.
        classes: K.
        seed: Of the projection, where one is needed.
    """

    def __init__(self, features: int, classes: int, seed: int) -> None:
        import torch

        self.is_projected = features * classes > WIDEST
        self.width = PROJECTED if self.is_projected else features * classes
        if self.is_projected:
            draw = torch.Generator().manual_seed(seed)
            self.matrices = [torch.randn(width, PROJECTED, generator=draw) for width in (features, classes)]

    def __call__(self, features: Tensor, probabilities: Tensor) -> Tensor:
        """Rows of the outer product laid flat; scalar products of projected ones are about those of whole ones."""
        if not self.is_projected:
            outer = probabilities[:, :, None] * features[:, None, :]  # (B, K, D)
            return outer.flatten(1)
        ours, theirs = (matrix.to(features.device) for matrix in self.matrices)
        projected: Tensor = (features @ ours) * (probabilities @ theirs) / PROJECTED**0.5
        return projected


def certainty_weights(probabilities: Tensor) -> Tensor:
    """``(B,)`` of mean 1: rows of low entropy weigh up to twice as much; constants."""
    weights = 1 + (-entropies(probabilities.detach())).exp()
    return len(weights) * weights / weights.sum()
