"""The directions in which features vary most, without the full decomposition.

Halko, Martinsson & Tropp, SIAM Review 53, 2011, doi:10.1137/090771806: a random subspace, multiplied a few times with
the data, turns towards the leading directions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SPARE = 8  # further random directions that make the wanted ones accurate
ROUNDS = 2


@dataclass(frozen=True)
class Spectrum:
    """Second moments of features as a few directions and a level for all others.

    Attributes:
        directions: ``(D, R)``, orthonormal.
        values: ``(R,)`` mean square along each.
        rest: Mean square along any other direction.
        mean: Mean square over all D directions.
    """

    directions: Tensor
    values: Tensor
    rest: float
    mean: float


def leading_spectrum(features: Tensor, total: float, count: int) -> Spectrum:
    """The ``count`` leading directions of ``features`` ``(N, D)`` about 0, fewer where N or D is smaller.

    The same bits for the same input: the random subspace comes from a generator of its own.

    Args:
        features: ``(N, D)``.
        total: The sum of all squares.
        count: Directions wanted.
    """
    n, d = features.shape
    count = min(count, n, d)
    generator = torch.Generator().manual_seed(0)
    basis = torch.randn(d, min(count + SPARE, n, d), generator=generator, dtype=features.dtype)
    for _ in range(ROUNDS):
        basis = torch.linalg.qr(features.T @ (features @ basis))[0]
    seen = features @ basis
    values, turn = torch.linalg.eigh(seen.T @ seen / n)
    values = values[-count:].clamp_min(0)
    rest = max(0.0, total / n - float(values.sum())) / max(1, d - count)
    return Spectrum((basis @ turn)[:, -count:].contiguous(), values, rest, total / n / d)
