"""Recordings: the waveform, and a mask of where it is heard."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headstart.backbones.card import Card
from headstart.backbones.pretrained.entrance import Entrance
from headstart.core.boundary import Boundary
from headstart.core.errors import ShapeError
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing


class SoundEntrance(Entrance):
    """``(B, S)`` float32 with NaN where padded to the same with zeros there, and ``mask``."""

    input_name = "waveform"
    variable_axis = 1
    expects = "waveforms (B, S)"

    def __init__(self, card: Card) -> None:
        super().__init__()
        preprocessing = SoundPreprocessing.parse(card.preprocessing.model_dump(), f"preprocessing of {card.name}")
        seconds = max(preprocessing.min_seconds, 2 * preprocessing.step_seconds)
        self.samples = round(seconds * preprocessing.sample_rate)

    def forward(self, values: Tensor) -> Boundary:
        """Waveform and mask."""
        if values.ndim != 2:
            raise ShapeError(f"a batch must be {self.expects}; got {tuple(values.shape)}. Prepare them first.")
        mask = ~torch.isnan(values)
        return Boundary(torch.where(mask, values, torch.zeros_like(values)), mask)

    def example(self, batch_size: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Soft noise of the shortest usual length, nothing padded."""
        return rng.normal(0.0, 0.1, (batch_size, self.samples)).astype(np.float32)


PLUGIN = Plugin(build=SoundEntrance)
