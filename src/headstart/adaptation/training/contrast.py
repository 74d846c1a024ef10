"""Two looks at the same row against those at all others.

van den Oord, Li & Vinyals, 2018, arXiv:1807.03748 (the loss); Gao, Yao & Chen, EMNLP 2021, arXiv:2104.08821 (dropout
alone makes the second look).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TEMPERATURE = 0.05  # of SimCSE


def contrast_loss(one: Tensor, other: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    r"""Mean cross-entropy of finding a row's second look among those of all rows, by cosine.

    .. math:: -\frac{1}{B} \sum_i \log \frac{e^{\cos(u_i, v_i) / t}}{\sum_j e^{\cos(u_i, v_j) / t}}

    Args:
        one: ``(B, D)``, each row once.
        other: ``(B, D)``, the same rows again.
        temperature: t.

    Returns:
        Scalar; log B where all looks are alike, 0 for one row.
    """
    import torch
    from torch.nn import functional

    cosines = functional.normalize(one, dim=1) @ functional.normalize(other, dim=1).T
    return functional.cross_entropy(cosines / temperature, torch.arange(len(one), device=one.device))
