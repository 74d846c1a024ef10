"""Pictures: size, crop and normalisation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.preprocessing.base import Preprocessing


class ImagePreprocessing(Preprocessing):
    """From a decoded picture to ``(H, W, 3)`` uint8, and from there to the network's floats.

    The resize ends in uint8 pixels; a runtime then computes ``(pixels / 255 - mean) / std`` in float32.
    """

    kind: Literal["image"] = "image"
    image_size: tuple[int, int] = Field((224, 224), description="Height and width in pixels that the network sees.")
    resize: Literal["crop", "squash", "pad"] = Field(
        "crop",
        description="crop: shorter side to size / crop_fraction, then the centre; squash: both sides to size, "
        "aspect ratio lost; pad: longer side to size, the rest filled with the mean colour.",
    )
    crop_fraction: float = Field(0.875, gt=0, le=1, description="Share of the resized picture that a crop keeps.")
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    mean: tuple[float, float, float] = Field((0.485, 0.456, 0.406), description="Per channel, of values in 0-1.")
    std: tuple[float, float, float] = Field((0.229, 0.224, 0.225), description="Per channel, of values in 0-1.")


PLUGIN = Plugin(build=ImagePreprocessing.parse, config=ImagePreprocessing)
