"""Pictures: uint8 pixels are normalised."""

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
from headstart.core.preprocessing import ImagePreprocessing


class ImageEntrance(Entrance):
    """``(B, H, W, 3)`` uint8 to ``(B, 3, H, W)`` float32, ``(pixels / 255 - mean) / std``."""

    input_name = "pixels"
    expects = "pictures (B, H, W, 3)"
    mean: Tensor
    std: Tensor

    def __init__(self, card: Card) -> None:
        super().__init__()
        preprocessing = ImagePreprocessing.parse(card.preprocessing.model_dump(), f"preprocessing of {card.name}")
        self.image_size = preprocessing.image_size
        self.register_buffer("mean", torch.tensor(preprocessing.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(preprocessing.std).view(1, 3, 1, 1), persistent=False)

    def forward(self, values: Tensor) -> Boundary:
        """Normalised pixels, channels first."""
        if values.ndim != 4 or values.shape[3] != 3:
            raise ShapeError(f"a batch must be {self.expects}; got {tuple(values.shape)}. Prepare the pictures first.")
        return Boundary((values.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std)

    def example(self, batch_size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Noise."""
        return rng.integers(0, 256, (batch_size, *self.image_size, 3), dtype=np.uint8)


PLUGIN = Plugin(build=ImageEntrance)
