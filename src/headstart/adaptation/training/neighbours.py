"""Losses that make neighbours in feature space agree.

Reciprocal neighbours: Yang, van de Weijer, Herranz & Jui, NeurIPS 2021, arXiv:2110.04202. Attracting neighbours and
dispersing all others: Yang, Wang, Wang, Jui & van de Weijer, NeurIPS 2022, arXiv:2205.04183.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def nearest(rows: Tensor, bank: Tensor, own: Tensor, count: int) -> Tensor:
    """``(B, k)`` places in the bank of the nearest by scalar product, without each row's own; k is at most ``count``.

    Args:
        rows: ``(B, D)`` of length 1.
        bank: ``(N, D)`` of length 1.
        own: ``(B,)`` places of the rows themselves.
        count: Neighbours wanted.
    """
    likeness = (rows @ bank.T).scatter(1, own[:, None], float("-inf"))
    return likeness.topk(min(count, len(bank) - 1), dim=1).indices


def affinities(near: Tensor, back: Tensor, own: Tensor, other: float) -> Tensor:
    """``(B, k)``: 1 for a neighbour that has the row among its own neighbours, else ``other``.

    Args:
        near: ``(B, k)`` places of neighbours.
        back: ``(B, k, j)`` places of their neighbours.
        own: ``(B,)`` places of the rows.
        other: 0 to 1.
    """
    import torch

    mutual = (back == own[:, None, None]).any(2)
    ones = torch.ones(near.shape, device=near.device)
    return torch.where(mutual, ones, ones * other)


def attraction(probabilities: Tensor, scores: Tensor, weights: Tensor | None = None) -> Tensor:
    r"""Minus the agreement with neighbours, :math:`-\frac1B \sum_i \sum_k a_{ik}\, p_i \cdot s_{ik}`.

    Args:
        probabilities: ``(B, K)``.
        scores: ``(B, k, K)`` of neighbours; constants.
        weights: ``(B, k)``; None: all 1.
    """
    agreement = (probabilities[:, None, :] * scores).sum(2)
    if weights is not None:
        agreement = agreement * weights
    return -agreement.sum(1).mean()


def dispersion(probabilities: Tensor) -> Tensor:
    """Mean agreement of two different rows of a batch times the number of classes: about 1 where classes are even.

    The paper sums over a batch; that grows with the batch and falls with the number of classes. Its sums at its own
    settings are about this times its number of neighbours.

    Args:
        probabilities: ``(B, K)``.
    """
    count, classes = probabilities.shape
    agreement = probabilities @ probabilities.T
    return classes * (agreement.sum() - agreement.diag().sum()) / max(1, count * (count - 1))
