"""Mean and spread of features, for all rows and for each weighting of them, accumulated in float64 by chunks.

Rescaling features to mean 0 and spread 1 makes one regularisation strength mean the same for each of them.
"""

from __future__ import annotations

import torch
from torch import Tensor

CONSTANT = 1e-6  # a spread below this share of the median spread counts as constant
CHUNK = 1 << 20  # values turned to float64 at a time


def moments(features: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted mean and standard deviation (divided by the sum of weights) under each of F weightings.

    Args:
        features: ``(N, D)``.
        weights: ``(F, N)`` float64, 0 or more, each row with a sum above 0.

    Returns:
        Two ``(F, D)`` float64 tensors.
    """
    origin = features[0].double()  # differences to a row are exactly 0 for a constant feature
    first = torch.zeros(len(weights), features.shape[1], dtype=torch.float64)
    second = torch.zeros_like(first)
    rows = max(1, CHUNK // features.shape[1])
    for start in range(0, len(features), rows):
        away = features[start : start + rows].double() - origin
        part = weights[:, start : start + rows]
        first += part @ away
        second += part @ away.square_()
    total = weights.sum(1, keepdim=True)
    mean = first / total
    return mean + origin, (second / total - mean.square()).clamp_min_(0).sqrt_()


def reciprocal_spread(spread: Tensor, least: float = 0.0) -> Tensor:
    """``1 / spread`` ``(F, D)``, and 0 where a feature counts as constant.

    Args:
        spread: ``(F, D)``, 0 or more.
        least: Spreads below this share of the median are taken to be that large. A feature that hardly moves in few
            rows, as the rarely active ones of a network do, would otherwise be blown up without limit in new rows.

    Medians are of the spreads above 0, so that a majority of dead features does not hide a nearly dead one.
    """
    some = torch.where(spread > 0, spread, torch.nan)
    median = some.nanmedian(dim=1, keepdim=True).values
    varies = spread > CONSTANT * median  # False against NaN: all features constant
    return torch.where(varies, 1 / torch.where(varies, torch.maximum(spread, least * median), 1), 0)


def standardise(features: Tensor, mean: Tensor, inverse: Tensor, dtype: torch.dtype) -> Tensor:
    """``(features - mean) * inverse`` as one new ``(N, D)`` tensor of ``dtype``; nothing else of that size."""
    out = torch.empty(features.shape, dtype=dtype)
    rows = max(1, CHUNK // features.shape[1])
    for start in range(0, len(features), rows):
        out[start : start + rows] = (features[start : start + rows].double() - mean) * inverse
    return out
