"""Numbered augmentation views of a picture.

View v is a pure function of (bytes, augmentation, preprocessing, v), so that what a network computes from it can be
kept. View 0 is the evaluation view. The others are the usual recipe of image classification: a random resized crop
(Szegedy et al., 2015, https://arxiv.org/abs/1409.4842), a mirror image, and a mild change of brightness, contrast and
saturation.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.files import canonical_json
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.decode import decode
from headstart.data.preprocess import prepare

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
UNIT = float(1 << 64)


class Augmentation(Config):
    """What may happen to a picture in training views."""

    smallest_area: float = Field(0.35, gt=0, le=1, description="Smallest share of the area that a crop keeps.")
    largest_stretch: float = Field(4 / 3, ge=1, description="Largest change of the aspect ratio by a crop.")
    mirror: bool = Field(True, description="Mirror half of the views. Off for text, digits and anything with a side.")
    colour: float = Field(0.2, ge=0, lt=1, description="Largest relative change of brightness, contrast, saturation.")


def view(
    content: bytes, augmentation: Augmentation, preprocessing: ImagePreprocessing, number: int
) -> NDArray[np.uint8]:
    """View ``number`` of a picture: ``(H, W, 3)`` uint8; 0 is ``prepare``. Raises DataError with the reason."""
    if number == 0:
        return prepare(content, preprocessing)
    draws = uniform_draws(content, augmentation, number, 8)
    height, width = preprocessing.image_size
    # The smallest crop must still be as large as the pixels asked for.
    factor = 1 / math.sqrt(augmentation.smallest_area)
    image = decode(content, at_least=(math.ceil(height * factor), math.ceil(width * factor)))
    return _coloured(_cropped(image, draws[:5], augmentation, preprocessing), draws[5:], augmentation)


def uniform_draws(content: bytes, augmentation: Augmentation, number: int, count: int) -> list[float]:
    """``count`` numbers in [0, 1) from sha256, which no library version changes."""
    start = hashlib.sha256(content).digest() + canonical_json(augmentation.model_dump())
    draws: list[float] = []
    while len(draws) < count:
        block = hashlib.sha256(start + f"/{VERSION}/{number}/{len(draws)}".encode()).digest()
        draws += [int.from_bytes(block[i : i + 8], "big") / UNIT for i in range(0, 32, 8)]
    return [min(draw, math.nextafter(1.0, 0.0)) for draw in draws[:count]]


def _cropped(
    image: Any, draws: list[float], augmentation: Augmentation, preprocessing: ImagePreprocessing
) -> NDArray[np.float32]:
    from PIL.Image import Resampling, Transpose

    area = augmentation.smallest_area + draws[0] * (1 - augmentation.smallest_area)
    stretch = math.exp((2 * draws[1] - 1) * math.log(augmentation.largest_stretch))
    out_height, out_width = preprocessing.image_size
    # A box of the output's shape, stretched, with the drawn share of the area; cut to the picture where it sticks out.
    box_width = math.sqrt(area * image.width * image.height * stretch * out_width / out_height)
    box_height = area * image.width * image.height / box_width
    box_width, box_height = min(box_width, image.width), min(box_height, image.height)
    left, top = draws[2] * (image.width - box_width), draws[3] * (image.height - box_height)
    box = (left, top, min(left + box_width, image.width), min(top + box_height, image.height))
    resample = Resampling.BICUBIC if preprocessing.interpolation == "bicubic" else Resampling.BILINEAR
    crop = image.resize((out_width, out_height), resample, box=box)
    if augmentation.mirror and draws[4] < 0.5:
        crop = crop.transpose(Transpose.FLIP_LEFT_RIGHT)
    return np.asarray(crop, np.float32)


def _coloured(pixels: NDArray[np.float32], draws: list[float], augmentation: Augmentation) -> NDArray[np.uint8]:
    """Scale brightness, then the distance to the mean grey, then the distance of each pixel to its own grey."""
    brightness, contrast, saturation = (1 + augmentation.colour * (2 * draw - 1) for draw in draws)
    pixels = pixels * np.float32(brightness)
    grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)  # BT.601, (H, W)
    mean = grey.mean()
    pixels = mean + (pixels - mean) * np.float32(contrast)
    grey = (mean + (grey - mean) * np.float32(contrast))[..., None]
    pixels = grey + (pixels - grey) * np.float32(saturation)
    return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8)
