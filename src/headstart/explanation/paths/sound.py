"""Recordings: from the background to the recording, in the logarithms of magnitudes over time and frequency.

Ears and networks hear ratios, so the way is straight in decibels; phases stay those of the recording.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from headstart.core.plugins import Plugin
from headstart.explanation.network import Network
from headstart.explanation.spectrum import FRAME, HOP, overlap, window
from headstart.explanation.units.sound import SoundUnits


class SoundPath:
    """See ``explanation.path.Path``; points are ``(F, T)``."""

    def __init__(self, network: Network, units: SoundUnits) -> None:
        self.backbone, self.units, self.number = network.backbone, units, network.number
        self.start = torch.from_numpy(units.quiet)
        self.difference = torch.from_numpy(units.levels - units.quiet)
        self.relative = torch.from_numpy(units.spectrum / np.exp(units.levels))  # phases; shorter below the floor
        self.window = torch.from_numpy(window())
        self.overlap = torch.from_numpy(overlap(units.levels.shape[1]))

    def features(self, points: Tensor) -> Tensor:
        """Back to a waveform, padded as it was prepared, and through the whole network."""
        waves = self.waveforms(points).float()
        padding = len(self.units.example.prepared[self.number]) - waves.shape[1]
        entered = self.backbone.enter(functional.pad(waves, (0, padding), value=float("nan")))
        return self.backbone.run(entered, 0, len(self.backbone.stages)).values

    def waveforms(self, points: Tensor) -> Tensor:
        """``(n, F, T)`` to ``(n, S)``, as ``explanation.spectrum.waveforms``."""
        frames = torch.fft.irfft(points.exp() * self.relative, n=FRAME, dim=1) * self.window[:, None]
        length = (frames.shape[2] - 1) * HOP + FRAME
        total = functional.fold(frames, (1, length), (1, FRAME), stride=(1, HOP))[:, 0, 0]
        return (total / self.overlap)[:, FRAME // 2 : FRAME // 2 + len(self.units.wave)]

    def per_unit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Summed within cells."""
        return self.units.per_cell(values)


def _build(asked: tuple[Network, SoundUnits]) -> SoundPath:
    return SoundPath(*asked)


PLUGIN = Plugin(build=_build, modality="sound")
