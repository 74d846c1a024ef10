"""The mel front end: power in 32 bands, in decibels, no more than 80 below the clip's loudest."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS = 512  # samples per frame, 32 ms at 16 kHz
HOP = 160  # samples between frames, 10 ms
BANDS = 32
BINS = 257
SMALLEST_POWER = 1e-10
RANGE_DB = 80.0


class MelFrontEnd(nn.Module):
    """Waveform to scaled log-mel frames; nothing in it is trained, so its tensors are buffers.

    Attributes:
        waves: ``(2 * BINS, 1, TAPS)``: windowed cosines, then sines.
        bands: ``(BINS, BANDS)``: weight of each frequency in each band.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("waves", torch.zeros(2 * BINS, 1, TAPS))
        self.register_buffer("bands", torch.zeros(BINS, BANDS))

    def forward(self, waveform: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Frames ``(B, T, BANDS, 1)`` and which of them hold no padding, ``(B, T)``; T = (S - 512) // 160 + 1.

        The package scales decibels by ``x / 10 + 2``. The floor is relative to the loudest frame that holds no
        padding; frames that hold some are set to 0.
        """
        waves: Tensor = self.get_buffer("waves")
        bands = self.get_buffer("bands")
        spectrum = functional.conv1d(waveform[:, None], waves, stride=HOP)  # (B, 2 * BINS, T)
        power = spectrum[:, :BINS].square() + spectrum[:, BINS:].square()  # (B, BINS, T)
        mel = torch.matmul(power.transpose(1, 2), bands)  # (B, T, BANDS)
        level = torch.log10(mel.clamp(min=SMALLEST_POWER)) * 10
        heard = mask[:, TAPS - 1 :: HOP]  # padding is on the right: a frame is heard when its last sample is
        quiet = level.masked_fill(~heard[:, :, None], -torch.inf)
        floor = quiet.amax(dim=(1, 2)) - RANGE_DB  # (B,)
        level = torch.maximum(level, floor[:, None, None])
        frames = (level / 10 + 2).masked_fill(~heard[:, :, None], 0.0)
        return frames[..., None], heard
