"""The mel front end: power in 32 bands, in decibels, no more than 80 below the clip's loudest."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

FRAME = 512  # samples, 32 ms at 16 kHz
EDGE = 56  # samples at either end of a frame that the window multiplies by 0
TAPS = FRAME - 2 * EDGE
HOP = 160  # samples between frames, 10 ms
BANDS = 32
BINS = 122  # of 257 frequencies: the highest band ends at 3,800 Hz, so what is above needs no computing
LOWEST_HZ, HIGHEST_HZ = 60.0, 3800.0
SAMPLE_RATE = 16000
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

    def fill(self) -> None:
        """The tensors by their formulas; they equal those of the package within 1e-6."""
        self.get_buffer("waves").copy_(windowed_waves())
        self.get_buffer("bands").copy_(mel_bands())

    def forward(self, waveform: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Frames ``(B, T, BANDS, 1)`` and which of them hold no padding, ``(B, T)``; T = (S - 512) // 160 + 1.

        The package scales decibels by ``x / 10 + 2``. The floor is relative to the loudest frame that holds no
        padding; frames that hold some are set to 0.
        """
        waves: Tensor = self.get_buffer("waves")
        bands = self.get_buffer("bands")
        inner = waveform[:, None, EDGE:-EDGE]
        spectrum = functional.conv1d(inner, waves, stride=HOP)  # (B, 2 * BINS, T)
        power = spectrum[:, :BINS].square() + spectrum[:, BINS:].square()  # (B, BINS, T)
        mel = torch.matmul(power.transpose(1, 2), bands)  # (B, T, BANDS)
        level = torch.log10(mel.clamp(min=SMALLEST_POWER)) * 10
        heard = mask[:, FRAME - 1 :: HOP]  # padding is on the right: a frame is heard when its last sample is
        quiet = level.masked_fill(~heard[:, :, None], -torch.inf)
        floor = quiet.amax(dim=(1, 2)) - RANGE_DB  # (B,)
        level = torch.maximum(level, floor[:, None, None])
        frames = (level / 10 + 2).masked_fill(~heard[:, :, None], 0.0)
        return frames[..., None], heard


def windowed_waves() -> Tensor:
    """Cosines and sines of each frequency under a Hann window of 25 ms, ``(2 * BINS, 1, TAPS)``."""
    time = torch.arange(EDGE, EDGE + TAPS, dtype=torch.float64)
    angle = 2 * math.pi * torch.arange(BINS, dtype=torch.float64)[:, None] * time / FRAME
    window = torch.hann_window(TAPS, dtype=torch.float64)
    return torch.cat([torch.cos(angle) * window, -torch.sin(angle) * window])[:, None].float()


def mel_bands() -> Tensor:
    """Triangles of equal area on the mel scale of Slaney's Auditory Toolbox (1998), ``(BINS, BANDS)``."""
    places = torch.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2, dtype=torch.float64)
    corners = torch.tensor([_hertz(float(place)) for place in places], dtype=torch.float64)
    bins = torch.arange(BINS, dtype=torch.float64)[:, None] * SAMPLE_RATE / FRAME
    low, peak, high = corners[:-2], corners[1:-1], corners[2:]
    triangles = torch.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)).clamp(min=0)
    return (triangles * 2 / (high - low)).float()


# Linear up to 1,000 Hz, which is 15 mel; above, 27 mel make a factor of 6.4.
def _mel(hertz: float) -> float:
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def _hertz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)
