"""Numbered augmentation views of a picture.

View v is a pure function of (bytes, augmentation, preprocessing, v), so that what a network computes from it can be
kept. View 0 is the evaluation view. The others are the usual recipe of image classification: a random resized crop
(Szegedy et al., 2015, https://arxiv.org/abs/1409.4842), a mirror image, and a mild change of brightness, contrast and
saturation. Strong ones have an operation of TrivialAugment between the last two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.decode import decode
from headstart.data.draws import uniform_draws
from headstart.data.preprocess import prepare
from headstart.data.trivial_augment import DRAWS, trivial_augment

# Bump when views change: it is part of the address under which activations are kept.
VERSION = 1
PLAIN_DRAWS = 8  # crop 4, mirror, colours 3


class Augmentation(Config):
    """What may happen to a picture in training views."""

    smallest_area: float = Field(0.35, gt=0, le=1, description="Smallest share of the area that a crop keeps.")
    largest_stretch: float = Field(4 / 3, ge=1, description="Largest change of the aspect ratio by a crop.")
    mirror: bool = Field(True, description="Mirror half of the views. Off for text, digits and anything with a side.")
    colour: float = Field(0.2, ge=0, lt=1, description="Largest relative change of brightness, contrast, saturation.")


class StrongAugmentation(Augmentation):
    """The same, and TrivialAugment.

    A class of its own, since a field more would change the JSON of the light settings, and with it their draws and
    the addresses of all activations that were kept.
    """

    trivial_augment: bool = Field(True, description="One operation of any strength after crop and mirror image.")


def parse_augmentation(values: Mapping[str, Any]) -> Augmentation:
    """The settings of a dict: strong ones where it has the key that only these have. Raises ConfigError."""
    kind = StrongAugmentation if "trivial_augment" in values else Augmentation
    return kind.parse(values, "augmentation")


def view(
    content: bytes, augmentation: Augmentation, preprocessing: ImagePreprocessing, number: int
) -> NDArray[np.uint8]:
    """View ``number`` of a picture: ``(H, W, 3)`` uint8; 0 is ``prepare``. Raises DataError with the reason."""
    if number == 0:
        return prepare(content, preprocessing)
    draws = uniform_draws(content, augmentation, number, PLAIN_DRAWS + DRAWS, VERSION)
    height, width = preprocessing.image_size
    # The smallest crop must still be as large as the pixels asked for.
    factor = 1 / math.sqrt(augmentation.smallest_area)
    image = decode(content, at_least=(math.ceil(height * factor), math.ceil(width * factor)))
    crop = _cropped(image, draws[:5], augmentation, preprocessing)
    if isinstance(augmentation, StrongAugmentation) and augmentation.trivial_augment:
        crop = trivial_augment(crop, draws[PLAIN_DRAWS:])
    return _coloured(np.asarray(crop, np.float32), draws[5:PLAIN_DRAWS], augmentation)


def _cropped(image: Any, draws: list[float], augmentation: Augmentation, preprocessing: ImagePreprocessing) -> Any:
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
    return crop


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
