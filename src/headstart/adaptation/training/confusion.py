"""How often classes are confused in predictions without labels.

Jin, Wang, Long & Wang, ECCV 2020, arXiv:1912.03699.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.adaptation.training.entropy import entropies

if TYPE_CHECKING:
    from torch import Tensor

TEMPERATURE = 2.5  # of the paper


def class_confusion(outputs: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    r"""Mean over classes of the share of a class's mass that lies on others.

    .. math:: C = P^\top W P, \quad \frac{1}{K} \sum_j \sum_{j' \ne j} \frac{C_{jj'}}{\sum_l C_{jl}}

    Args:
        outputs: ``(B, K)`` logits; rows of low entropy weigh more, by up to a factor of two.
        temperature: That the logits are divided by: sharp predictions hide what is confused.

    Returns:
        Scalar, 0 (each prediction is one class) to ``1 - 1 / K`` (all are even).
    """
    p = (outputs / temperature).softmax(1)
    weight = 1 + (-entropies(p.detach())).exp()
    weight = len(weight) * weight / weight.sum()
    together = (p * weight[:, None]).T @ p  # (K, K)
    together = together / together.sum(1, keepdim=True).clamp_min(1e-12)
    return (together.sum() - together.diag().sum()) / outputs.shape[1]
