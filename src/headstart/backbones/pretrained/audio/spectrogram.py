"""Spectrograms inside the network, equal to those of the library's feature extractors.

A boundary of these networks has one channel more than the network: 1 where a position hears the recording, 0 where it
hears what the recording was padded with. The network hears both, so padding cannot be NaN or masked there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.options import AudioOptions, SpectrogramOptions
from headstart.backbones.pretrained.entrance import Entrance
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError


class SpectrogramEntrance(Entrance):
    """``(B, S)`` float32, NaN where padded, to ``(B, T, bands + 1)``; T is what the network was built for.

    Attributes:
        waves: ``(2 F, 1, frame)``: what is done to a frame up to its spectrum is linear, so it is one convolution.
        bands: ``(F, bands)``: weight of each frequency in each mel band.
    """

    input_name = "waveform"
    variable_axis = 1
    expects = "waveforms (B, S)"
    waves: Tensor
    bands: Tensor

    def __init__(self, card: Card) -> None:
        super().__init__()
        options = AudioOptions.parse(card.options, f"options of {card.name}").spectrogram
        self.options = options or SpectrogramOptions()
        waves, bands = self.filters()
        self.register_buffer("waves", torch.from_numpy(waves[:, None].astype(np.float32)), persistent=False)
        self.register_buffer("bands", torch.from_numpy(bands.astype(np.float32)), persistent=False)

    @property
    def samples(self) -> int:
        """Samples that the waveform is padded or cut to."""
        return self.options.samples

    def filters(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """``waves`` without its middle axis, and ``bands``."""
        raise NotImplementedError

    def logarithms(self, waveform: Tensor, heard: Tensor) -> Tensor:
        """``(B, samples)``, zeros where padded, and ``(B, T)`` to ``(B, T, bands)``."""
        raise NotImplementedError

    def frames_heard(self, mask: Tensor) -> Tensor:
        """``(B, samples)`` to ``(B, T)``: which frames hear the recording."""
        raise NotImplementedError

    def forward(self, values: Tensor) -> Boundary:
        """The spectrogram, and a channel of what is heard."""
        if values.ndim != 2:
            raise ShapeError(
                f"a batch must be {self.expects}; got {tuple(values.shape)}. Prepare the recordings first."
            )
        longer = torch.cat([values, values.new_full((values.shape[0], self.samples), float("nan"))], dim=1)
        waveform = longer[:, : self.samples]
        mask = ~torch.isnan(waveform)
        heard = self.frames_heard(mask)
        bands = self.logarithms(torch.where(mask, waveform, torch.zeros_like(waveform)), heard)
        return Boundary(torch.cat([bands, heard[:, :, None].to(bands.dtype)], dim=2))

    def power(self, waveform: Tensor) -> Tensor:
        """``(B, S)`` to powers in mel bands ``(B, T, bands)``."""
        spectrum = functional.conv1d(waveform[:, None], self.waves, stride=self.options.hop)
        real, imaginary = spectrum.chunk(2, dim=1)  # (B, F, T) each
        return torch.matmul((real.square() + imaginary.square()).transpose(1, 2), self.bands)

    def example(self, batch_size: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Soft noise that fills two thirds of the frames, silence of padding behind it."""
        batch = rng.normal(0.0, 0.1, (batch_size, self.samples)).astype(np.float32)
        batch[:, self.samples * 2 // 3 :] = np.nan
        return batch


def windowed_waves(window: NDArray[np.float64], fft: int) -> NDArray[np.float64]:
    """``(2 (fft // 2 + 1), frame)``: cosines, then sines, under a window ``(frame,)``."""
    angle = 2 * np.pi * np.outer(np.arange(fft // 2 + 1), np.arange(len(window))) / fft
    return np.concatenate([np.cos(angle), -np.sin(angle)]) * window


def mel_filters(**settings: Any) -> NDArray[np.float64]:
    """The library's own triangles, ``(F, bands)``."""
    from transformers.audio_utils import mel_filter_bank

    filters: NDArray[np.float64] = np.asarray(mel_filter_bank(**settings), np.float64)
    return filters
