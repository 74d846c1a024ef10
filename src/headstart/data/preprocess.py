"""Bytes to the pixels a network sees: ``ImagePreprocessing`` executed.

JPEG at reduced scale. A JPEG decoder can give 1/2, 1/4 or 1/8 of the size for a fraction of the work. It is used where
the picture stays at least ``GAP`` times as large as the pixels asked for. What that changes is stated in TOLERANCE and
tested.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.decode import decode

# Bump when prepared pixels change: it is part of the address under which activations are kept.
VERSION = 1
GAP = 2.0  # of the sizes Pillow's own thumbnails keep before the last resize
# Mean absolute difference in grey levels (0-255) to the picture decoded at full size, for photographs.
TOLERANCE = 1.0


def prepare(content: bytes, preprocessing: ImagePreprocessing) -> NDArray[np.uint8]:
    """Decode and resize one picture: ``(H, W, 3)`` uint8; raises DataError with the reason."""
    height, width = preprocessing.image_size
    keep = preprocessing.crop_fraction if preprocessing.resize == "crop" else 1.0
    needed = (int(np.ceil(GAP * height / keep)), int(np.ceil(GAP * width / keep)))
    return resized(decode(content, at_least=needed), preprocessing)


def resized(image: Any, preprocessing: ImagePreprocessing) -> NDArray[np.uint8]:
    """Resize a decoded RGB picture as ``preprocessing`` says: ``(H, W, 3)`` uint8."""
    from PIL.Image import Resampling

    height, width = preprocessing.image_size
    resample = Resampling.BICUBIC if preprocessing.interpolation == "bicubic" else Resampling.BILINEAR
    if preprocessing.resize == "pad":
        return _padded(image, preprocessing, resample)
    box = (0.0, 0.0, float(image.width), float(image.height))
    if preprocessing.resize == "crop":
        box = centre_box(image.height, image.width, preprocessing)
    # Resizing a box equals resizing everything and cutting: the filter sees the pixels outside the box too.
    return np.asarray(image.resize((width, height), resample, box=box))


def centre_box(height: int, width: int, preprocessing: ImagePreprocessing) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels of the centre that "crop" keeps.

    The largest centred box with the shape of ``image_size``, both sides times ``crop_fraction``: the same as resizing
    the shorter side to size / crop_fraction and cutting the centre, without rounding in between.
    """
    out_height, out_width = preprocessing.image_size
    scale = min(height / out_height, width / out_width) * preprocessing.crop_fraction
    box_height, box_width = out_height * scale, out_width * scale
    left, top = (width - box_width) / 2, (height - box_height) / 2
    return max(left, 0.0), max(top, 0.0), min(left + box_width, width), min(top + box_height, height)


def share_cut_off(sizes: NDArray[np.int64], preprocessing: ImagePreprocessing) -> float:
    """Mean fraction (0-1) of the pictures' area that the network never sees; ``sizes`` ``(N, 2)`` height, width."""
    if preprocessing.resize != "crop" or len(sizes) == 0:
        return 0.0
    out_height, out_width = preprocessing.image_size
    height, width = sizes[:, 0].astype(np.float64), sizes[:, 1].astype(np.float64)
    scale = np.minimum(height / out_height, width / out_width) * preprocessing.crop_fraction
    return float(np.mean(1.0 - scale**2 * (out_height * out_width) / (height * width)))


def _padded(image: Any, preprocessing: ImagePreprocessing, resample: Any) -> NDArray[np.uint8]:
    height, width = preprocessing.image_size
    scale = min(height / image.height, width / image.width)
    inner_height = min(height, max(1, round(image.height * scale)))
    inner_width = min(width, max(1, round(image.width * scale)))
    fill = np.rint(np.asarray(preprocessing.mean) * 255).astype(np.uint8)
    canvas = np.broadcast_to(fill, (height, width, 3)).copy()
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    inner = image.resize((inner_width, inner_height), resample)
    canvas[top : top + inner_height, left : left + inner_width] = np.asarray(inner)
    return canvas
