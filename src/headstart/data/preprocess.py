"""Bytes to the pixels a network sees: ``ImagePreprocessing`` executed.

JPEG at reduced scale. A JPEG decoder can give 1/2, 1/4 or 1/8 of the size for a fraction of the work. It is used where
the picture stays at least ``GAP`` times as large as the pixels asked for. What that changes is stated in TOLERANCE and
tested.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.decode import TRANSPOSED, Stored, decode_stored, upright

# Bump when prepared pixels change: it is part of the address under which activations are kept.
VERSION = 2  # 2: turned upright before it is resized, which changes turned pictures by a grey level
GAP = 2.0  # of the sizes Pillow's own thumbnails keep before the last resize
# Mean absolute difference in grey levels (0-255) to the picture decoded at full size, for photographs.
TOLERANCE = 0.5
FIRST_WAS_LAST_COLUMN, FIRST_WAS_LAST_ROW = (2, 3, 6, 7), (3, 4, 7, 8)  # EXIF orientations, once undone


def prepare(content: bytes, preprocessing: ImagePreprocessing) -> NDArray[np.uint8]:
    """Decode and resize one picture: ``(H, W, 3)`` uint8; raises DataError with the reason."""
    height, width = preprocessing.image_size
    keep = preprocessing.crop_fraction if preprocessing.resize == "crop" else 1.0
    needed = (int(np.ceil(GAP * height / keep)), int(np.ceil(GAP * width / keep)))
    return resized(decode_stored(content, at_least=needed), preprocessing)


def resized(stored: Stored, preprocessing: ImagePreprocessing) -> NDArray[np.uint8]:
    """Turn a decoded picture upright and resize it as ``preprocessing`` says: ``(H, W, 3)`` uint8.

    Turned before, since resizing rounds between its two passes: a picture that lies turned in its file has the pixels
    of the same picture stored upright, and so what an exported model, which is given upright ones, makes of it.
    """
    from PIL.Image import Resampling

    image, out = upright(stored.image, stored.orientation), preprocessing.image_size
    sides = (stored.height, stored.width)
    height, width = sides[::-1] if stored.orientation in TRANSPOSED else sides
    box = (0.0, 0.0, float(width), float(height))
    if preprocessing.resize == "crop":
        box = centre_box(height, width, out, preprocessing.crop_fraction)
    if preprocessing.resize == "pad":
        scale = min(out[0] / height, out[1] / width)
        out = (_side(height * scale, out[0]), _side(width * scale, out[1]))
    # At reduced size the last row and column of the file may stand for less than a whole one, so the box is measured at
    # full size; where turning makes them the first ones, the picture begins within them.
    by = _reduction(stored)
    before_x = image.width - width / by if stored.orientation in FIRST_WAS_LAST_COLUMN else 0.0
    before_y = image.height - height / by if stored.orientation in FIRST_WAS_LAST_ROW else 0.0
    left, right = (before_x + edge / by for edge in box[::2])
    top, bottom = (before_y + edge / by for edge in box[1::2])
    resample = Resampling.BICUBIC if preprocessing.interpolation == "bicubic" else Resampling.BILINEAR
    # Resizing a box equals resizing everything and cutting: the filter sees the pixels outside the box too.
    pixels = np.asarray(image.resize((out[1], out[0]), resample, box=(left, top, right, bottom)))
    return _on_canvas(pixels, preprocessing) if preprocessing.resize == "pad" else pixels


def centre_box(
    height: int, width: int, shape: tuple[int, int], crop_fraction: float
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels of the centre that "crop" keeps.

    The largest centred box with the aspect ratio of ``shape`` (height, width), both sides times ``crop_fraction``:
    the same as resizing the shorter side to size / crop_fraction and cutting the centre, without rounding in between.
    """
    scale = min(height / shape[0], width / shape[1]) * crop_fraction
    box_height, box_width = shape[0] * scale, shape[1] * scale
    left, top = max((width - box_width) / 2, 0.0), max((height - box_height) / 2, 0.0)
    return left, top, min(left + box_width, float(width)), min(top + box_height, float(height))


def share_cut_off(sizes: NDArray[np.int64], preprocessing: ImagePreprocessing) -> float:
    """Mean fraction (0-1) of the pictures' area that the network never sees; ``sizes`` ``(N, 2)`` height, width."""
    if preprocessing.resize != "crop" or len(sizes) == 0:
        return 0.0
    out_height, out_width = preprocessing.image_size
    height, width = sizes[:, 0].astype(np.float64), sizes[:, 1].astype(np.float64)
    scale = np.minimum(height / out_height, width / out_width) * preprocessing.crop_fraction
    return float(np.mean(1.0 - scale**2 * (out_height * out_width) / (height * width)))


def _reduction(stored: Stored) -> int:
    """By how much a JPEG came smaller: sides are divided and rounded up."""
    sides = (stored.height, stored.width)
    return next(f for f in (1, 2, 4, 8) if (-(-sides[1] // f), -(-sides[0] // f)) == stored.image.size)


def _side(length: float, most: int) -> int:
    return min(most, max(1, round(length)))


def _on_canvas(pixels: NDArray[np.uint8], preprocessing: ImagePreprocessing) -> NDArray[np.uint8]:
    """Centre ``pixels`` on a canvas of the mean colour."""
    height, width = preprocessing.image_size
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = np.rint(np.asarray(preprocessing.mean) * 255).astype(np.uint8)
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas
