"""Layers that round as 8-bit integers do, in a network that trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

FOLLOWED = 0.1  # of a batch's range, in the range that follows
STEPS = 255
LAYERS = (nn.Conv2d, nn.Linear)


class Following:
    """A range that follows the smallest and largest value of each batch."""

    def __init__(self) -> None:
        self.low, self.high = 0.0, 0.0

    def __call__(self, values: Tensor) -> Tensor:
        """What 8 bits leave."""
        seen = values.detach()
        self.low += (FOLLOWED if self.low else 1.0) * (min(float(seen.min()), 0.0) - self.low)
        self.high += (FOLLOWED if self.high else 1.0) * (max(float(seen.max()), 0.0) - self.high)
        scale = (self.high - self.low) / STEPS or 1.0
        zero = int(np.clip(round(-self.low / scale), 0, STEPS))
        return torch.fake_quantize_per_tensor_affine(values, scale, zero, 0, STEPS)


class Learned:
    """A step that is learned, from the range of the first batch on."""

    def __init__(self) -> None:
        self.step = nn.Parameter(torch.zeros(()))
        self.zero: Tensor | None = None

    def __call__(self, values: Tensor) -> Tensor:
        """What 8 bits leave."""
        if self.zero is None:
            low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
            scale = (high - low) / STEPS or 1.0
            self.step.data.fill_(float(np.log(scale)))
            self.zero = torch.tensor(float(np.clip(round(-low / scale), 0, STEPS)))
        scale_ = self.step.exp()
        steps = (values / scale_ + self.zero).clamp(0, STEPS)
        return (steps + (steps.round() - steps).detach() - self.zero) * scale_


def rounded(weight: Tensor) -> Tensor:
    """Symmetric in 8 bits, per output channel."""
    scales = weight.detach().reshape(len(weight), -1).abs().amax(1) / 127
    scales = torch.where(scales > 0, scales, torch.ones_like(scales))
    zeros = torch.zeros(len(weight), dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scales, zeros, 0, -127, 127)


class Rounded(nn.Module):
    """For ``torch.nn.utils.parametrize``."""

    def forward(self, weight: Tensor) -> Tensor:
        """What 8 bits leave."""
        return rounded(weight)


def with_rounding(network: nn.Module, kind: Callable[[], Any]) -> list[Any]:
    """Every layer rounds its weights and its input; returns what rounds the inputs."""
    from headstart.backbones.pretrained.speech_embedding.mel import MelFrontEnd

    found: list[Any] = []
    for module in list(network.modules()):
        if isinstance(module, LAYERS):
            nn.utils.parametrize.register_parametrization(module, "weight", Rounded())
            found.append(kind())
            module.register_forward_pre_hook(lambda _, given, one=found[-1]: (one(given[0]),))
        elif isinstance(module, MelFrontEnd):
            found += _round_spectrum(module, kind)
    return found


def _round_spectrum(mel: Any, kind: Callable[[], Any]) -> list[Any]:
    """Its convolution and its product, whose weights are no parameters."""
    from headstart.backbones.pretrained.speech_embedding import mel as its

    one, two, three = kind(), kind(), kind()

    def forward(waveform: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        waves, bands = rounded(mel.waves), rounded(mel.bands.T.contiguous()).T
        inner = one(waveform[:, None, its.EDGE : -its.EDGE])
        spectrum = two(nn.functional.conv1d(inner, waves, stride=its.HOP))
        power = spectrum[:, : its.BINS].square() + spectrum[:, its.BINS :].square()
        level = torch.log10((three(power.transpose(1, 2)) @ bands).clamp(min=its.SMALLEST_POWER)) * 10
        heard = mask[:, its.FRAME - 1 :: its.HOP]
        floor = level.masked_fill(~heard[:, :, None], -torch.inf).amax(dim=(1, 2)) - its.RANGE_DB
        level = torch.maximum(level, floor[:, None, None])
        return (level / 10 + 2).masked_fill(~heard[:, :, None], 0.0)[..., None], heard

    mel.forward = forward
    return [one, two, three]
