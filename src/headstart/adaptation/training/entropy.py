"""How sure single predictions are, and how even all of them together.

Together they are the mutual information of inputs and predictions: Krause, Perona & Gomes, NeurIPS 2010; for domains
Liang, Hu & Feng, ICML 2020, arXiv:2002.08546.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 1e-8  # a probability below it counts as it


def entropies(probabilities: Tensor) -> Tensor:
    """``(B,)`` in nats, of ``(B, K)`` probabilities."""
    return -(probabilities * probabilities.clamp_min(LEAST).log()).sum(1)


def unevenness(probabilities: Tensor) -> Tensor:
    """Minus the entropy of the mean of ``(B, K)`` probabilities: ``-log K`` where classes come equally often, 0 where
    all are one class.
    """
    mean = probabilities.mean(0)
    return (mean * mean.clamp_min(LEAST).log()).sum()


def information_loss(probabilities: Tensor) -> Tensor:
    """Mean entropy of ``(B, K)`` predictions minus that of their mean: ``-log K`` at the best, 0 at the worst."""
    return entropies(probabilities).mean() + unevenness(probabilities)
