"""Pixels in, features and logits out, with the same arithmetic as during fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.runtimes.contract import Compute

Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]
Logits = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Predictor:
    """Computes features in fixed batches and applies the head in NumPy.

    Attributes:
        runtime: Name of what computes the features.
        precision: Of its arithmetic.
        image_size: Height and width that pixels must have.
        feature_dim: D.
        compute: ``(B, H, W, 3)`` uint8 to ``(B, D)`` float32; a row's bits do not depend on the rows beside it.
        head: ``(B, D)`` features to ``(B, K)`` logits.
    """

    runtime: str
    precision: str
    image_size: tuple[int, int]
    feature_dim: int
    compute: Compute
    head: Callable[[Features], Logits]

    def __call__(self, pixels: Pixels) -> tuple[Features, Logits]:
        """Features ``(B, D)`` float32 and logits ``(B, K)`` of ``(B, H, W, 3)`` uint8 pixels, B of any size.

        Raises:
            ShapeError: other shape or dtype.
        """
        height, width = self.image_size
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[1:] != (height, width, 3):
            raise ShapeError(
                f"pixels must be uint8 of shape (B, {height}, {width}, 3); got {pixels.dtype} of shape {pixels.shape}. "
                "Prepare pictures with the bundle's preprocessing."
            )
        if len(pixels) == 0:  # nothing to run: an empty answer should cost nothing
            features = np.zeros((0, self.feature_dim), np.float32)
        else:
            features = self.compute(pixels)
        return features, self.head(features)
