"""From tokens to one vector per text; padded positions have no part in it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.text.options import Dense, Pooling, TextOptions


class Pool(nn.Module):
    """Pooling, the linear layers after it, scaling to length 1."""

    def __init__(self, options: TextOptions) -> None:
        super().__init__()
        self.pooling = options.pooling
        self.normalised = options.normalised
        self.dense = nn.ModuleList(nn.Linear(each.inputs, each.outputs, each.bias) for each in options.dense)
        self._layers: tuple[Dense, ...] = options.dense

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Tokens ``(B, T, C)`` and where they are ``(B, T)`` to features ``(B, D)``."""
        features = pooled(values, mask, self.pooling)
        for linear, layer in zip(self.dense, self._layers, strict=True):
            features = linear(features)
            features = features.tanh() if layer.activation == "tanh" else features
        return nn.functional.normalize(features, dim=1) if self.normalised else features


def pooled(values: Tensor, mask: Tensor, pooling: Pooling) -> Tensor:
    """``(B, T, C)`` to ``(B, C)``; ``mask`` ``(B, T)`` is True where there is a token, on the left side."""
    if pooling == "cls":
        return values[:, 0]
    there = mask[:, :, None]
    if pooling == "mean":
        summed = torch.where(there, values, torch.zeros_like(values)).sum(1)
        return summed / there.sum(1).clamp_min(1)
    if pooling == "max":
        return torch.where(there, values, torch.full_like(values, float("-inf"))).amax(1)
    last = (mask.sum(1) - 1).clamp_min(0)  # (B,)
    return values.gather(1, last[:, None, None].expand(-1, 1, values.shape[2])).squeeze(1)
