"""Pieces that stages of audio networks are made of."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from headstart.core.boundary import Boundary


def flagged(boundary: Boundary) -> tuple[Tensor, Tensor]:
    """Values ``(B, T, C)`` and which positions hear the recording ``(B, T)`` bool, of ``(B, T, C + 1)``."""
    return boundary.values[:, :, :-1], boundary.values[:, :, -1] > 0.5


def with_flag(values: Tensor, heard: Tensor) -> Boundary:
    """The boundary ``(B, T, C + 1)`` of values ``(B, T, C)`` and which positions are heard ``(B, T)``."""
    return Boundary(torch.cat([values, heard[:, :, None].to(values.dtype)], dim=2))


def convolved(layers: nn.Module, waveform: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The convolutions of wav2vec 2.0: ``(B, S)`` and ``(B, S)`` to ``(B, T, C)`` and ``(B, T)``.

    A position is heard when everything it hears is. A norm over time, which the first layer may have, counts the
    positions heard alone, so that padding changes nothing; the library's own counts padding too.
    """
    values = waveform[:, None]  # (B, 1, S)
    for module in layers.children():
        layer: Any = module
        values = layer.conv(values)
        mask = mask[:, layer.conv.kernel_size[0] - 1 :: layer.conv.stride[0]]
        norm = getattr(layer, "layer_norm", None)
        if isinstance(norm, nn.GroupNorm):
            values = norm_over_time(values, mask, norm)
        elif norm is not None:
            values = norm(values.transpose(1, 2)).transpose(1, 2)
        values = layer.activation(values)
    return values.transpose(1, 2), mask


def norm_over_time(values: Tensor, mask: Tensor, norm: nn.GroupNorm) -> Tensor:
    """Each channel of ``(B, C, T)`` to mean 0 and variance 1 over the positions heard, then scaled and shifted."""
    heard = mask[:, None]
    count = heard.sum(dim=2, keepdim=True).clamp(min=1).to(values.dtype)
    mean = values.masked_fill(~heard, 0.0).sum(dim=2, keepdim=True) / count
    centred = values - mean
    variance = centred.square().masked_fill(~heard, 0.0).sum(dim=2, keepdim=True) / count
    scaled = centred / torch.sqrt(variance + norm.eps)
    return scaled * norm.weight[:, None] + norm.bias[:, None]
