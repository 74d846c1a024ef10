"""Features shared by several weightings of the rows, for models whose solution needs no steps."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from headstart.methods.ridge import Rows
from headstart.methods.standardisation import moments, reciprocal_spread, standardise


@dataclass(frozen=True)
class Weightings:
    """F weightings of N shared rows, each of which standardises the features by its own rows.

    Attributes:
        features: ``(N, D)`` float32, standardised over all rows.
        weights: ``(F, N)`` float64.
        mean, inverse: ``(D,)`` float64: how ``features`` came from the raw ones.
        scale, shift: ``(F, D)`` float64, as in :class:`Rows`.
    """

    features: Tensor
    weights: Tensor
    mean: Tensor
    inverse: Tensor
    scale: Tensor
    shift: Tensor

    @classmethod
    def build(cls, features: Tensor, weights: Tensor, least_spread: float) -> Weightings:
        """From raw features ``(N, D)`` and weightings ``(F, N)`` float64, each with a sum above 0."""
        everything = torch.ones(1, len(features), dtype=torch.float64)
        means, spreads = moments(features, torch.cat([everything, weights]))
        inverses = reciprocal_spread(spreads, least_spread)
        mean, inverse = means[0], inverses[0]
        spread = torch.where(inverse > 0, 1 / torch.where(inverse > 0, inverse, 1), 0)
        shift = (means[1:] - mean) * torch.where(inverse > 0, inverses[1:], 0)
        shared = standardise(features, mean, inverse, torch.float32)
        return cls(shared, weights, mean, inverse, inverses[1:] * spread, shift)

    def rows(self, index: int) -> Rows:
        """What one weighting sees."""
        return Rows(self.features, self.weights[index], self.scale[index], self.shift[index])

    def raw(self, index: int, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Weight ``(D,)`` and intercept for raw features, float64: standardising multiplied into them."""
        on_shared = weight * self.scale[index]
        on_raw = on_shared * self.inverse
        intercept = bias - weight @ self.shift[index] - on_raw @ self.mean
        return on_raw, intercept
