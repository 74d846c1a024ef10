"""The convolutional network: 20 convolutions over mel frames, one embedding of 96 numbers per 80 ms.

The network of Lin, Kilgour, Roblek & Sharifi, Training Keyword Spotters with Limited and Synthesized Speech Data,
ICASSP 2020, arXiv:2002.01322. No convolution pads time, so running it over a whole recording equals running it over
windows of 76 frames (0.78 s) every 8 frames, at about a ninth of the work.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.backbones.pretrained.speech_embedding.mel import MelFrontEnd

SLOPE = 0.2
LEAST = -0.4  # activations are cut off below
DIM = 96
WINDOW_SAMPLES = 12_512  # 512 + 75 * 160: what one embedding hears
Kernel = tuple[int, int]  # time, frequency
# Per block: kernels and widths of its convolutions, then the pool, (time, frequency).
BLOCKS: tuple[tuple[tuple[tuple[Kernel, int], ...], Kernel | None], ...] = (
    ((((3, 3), 24), ((1, 3), 24), ((3, 1), 24)), (2, 2)),
    ((((1, 3), 48), ((3, 1), 48), ((1, 3), 48), ((3, 1), 48)), (1, 2)),
    ((((1, 3), 72), ((3, 1), 72), ((1, 3), 72), ((3, 1), 72)), (2, 2)),
    ((((1, 3), 96), ((3, 1), 96), ((1, 3), 96), ((3, 1), 96)), (1, 2)),
    ((((1, 3), 96), ((3, 1), 96), ((1, 3), 96), ((3, 1), 96)), (2, 2)),
)


class Block(nn.Module):
    """Convolutions with activations, then a pool; time is never padded, frequency is."""

    def __init__(self, width: int, convolutions: tuple[tuple[Kernel, int], ...], pool: Kernel | None) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList()
        for kernel, out in convolutions:
            self.convolutions.append(nn.Conv2d(width, out, kernel, padding=(0, 1 if kernel[1] == 3 else 0)))
            width = out
        self.pool = pool

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """``(B, T, F, C)`` and ``(B, T)`` to the same, smaller; positions that touch padding are 0."""
        values = frames.permute(0, 3, 1, 2)  # (B, C, T, F)
        for module in self.convolutions:
            convolution = cast(nn.Conv2d, module)
            values = functional.leaky_relu(convolution(values), SLOPE).clamp(min=LEAST)
            mask = mask[:, convolution.kernel_size[0] - 1 :]
        if self.pool is not None:
            values = functional.max_pool2d(values, self.pool)
            mask = mask[:, self.pool[0] - 1 :: self.pool[0]]
        values = values.permute(0, 2, 3, 1)  # (B, T, F, C)
        return values.masked_fill(~mask[:, :, None, None], 0.0), mask


class Embedding(nn.Module):
    """The last convolution: three steps of 96 channels in one band to one embedding, without bias or activation."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(DIM, DIM, (3, 1), bias=False)

    def forward(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """``(B, T, 1, 96)`` to embeddings ``(B, T - 2, 96)``, and which of them heard no padding."""
        values = self.convolution(frames.permute(0, 3, 1, 2))  # (B, 96, T, 1)
        mask = mask[:, 2:]
        return values[..., 0].transpose(1, 2).masked_fill(~mask[:, :, None], 0.0), mask


def pool_over_time(embeddings: Tensor, mask: Tensor) -> Tensor:
    """Mean, standard deviation and maximum over the positions heard: ``(B, T, D)`` to ``(B, 3 D)``.

    The standard deviation divides by their number. Zeros where nothing was heard.
    """
    heard = mask[:, :, None]
    count = heard.sum(dim=1).clamp(min=1).to(embeddings.dtype)  # (B, 1)
    mean = embeddings.masked_fill(~heard, 0.0).sum(dim=1) / count
    deviations = (embeddings - mean[:, None]).masked_fill(~heard, 0.0)
    spread = (deviations.square().sum(dim=1) / count).clamp(min=1e-12).sqrt()  # the root of 0 has no gradient
    largest = embeddings.masked_fill(~heard, -torch.inf).amax(dim=1)
    largest = largest.masked_fill(~heard.any(dim=1), 0.0)
    return torch.cat([mean, spread, largest], dim=1)


class SpeechEmbedding(nn.Module):
    """Waveform ``(B, S)`` at 16 kHz in -1 to 1 to features ``(B, 288)``."""

    def __init__(self) -> None:
        super().__init__()
        self.mel = MelFrontEnd()
        width, blocks = 1, []
        for convolutions, pool in BLOCKS:
            blocks.append(Block(width, convolutions, pool))
            width = convolutions[-1][1]
        self.blocks = nn.ModuleList(blocks)
        self.embedding = Embedding()

    def forward(self, waveform: Tensor, mask: Tensor) -> Tensor:
        """Mask ``(B, S)``: True where there is sound, False where padding follows it."""
        values, mask = self.mel(waveform, mask)
        for block in self.blocks:
            values, mask = block(values, mask)
        values, mask = self.embedding(values, mask)
        return pool_over_time(values, mask)
