"""Resize pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from headstart.exporting.parts.picture import pixels


def resized(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """The bytes of a picture as the model sees it: upright RGB, (h, w, 3) uint8 of its one size."""
    image, settings = Image.fromarray(pixels(content, asked)), asked["preprocessing"]
    height, width = settings["image_size"]
    kernel = Image.Resampling[settings["interpolation"].upper()]
    if settings["resize"] == "pad":
        return on_canvas(image, (width, height), kernel, settings["mean"])
    box = (0.0, 0.0, float(image.width), float(image.height))
    if settings["resize"] == "crop":  # the largest box of the size's proportions in the middle, times a fraction
        scale = min(image.height / height, image.width / width) * settings["crop_fraction"]
        left, top = max((image.width - width * scale) / 2, 0.0), max((image.height - height * scale) / 2, 0.0)
        box = (left, top, min(left + width * scale, box[2]), min(top + height * scale, box[3]))
    return np.asarray(image.resize((width, height), kernel, box=box))


def on_canvas(image: Image.Image, size: tuple[int, int], kernel: Any, mean: list[float]) -> np.ndarray:
    """All of the picture in the middle of the mean colour."""
    factor = min(size[0] / image.width, size[1] / image.height)
    sides = [
        min(most, max(1, round(side * factor))) for side, most in zip((image.width, image.height), size, strict=True)
    ]
    canvas = Image.new("RGB", size, tuple(int(np.rint(each * 255)) for each in mean))
    canvas.paste(image.resize((sides[0], sides[1]), kernel), ((size[0] - sides[0]) // 2, (size[1] - sides[1]) // 2))
    return np.asarray(canvas)
