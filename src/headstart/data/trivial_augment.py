"""TrivialAugment (Mueller & Hutter, ICCV 2021, https://arxiv.org/abs/2103.10158): one operation, any strength.

The operation is drawn uniformly from the paper's "wide" list, its strength uniformly from 31 levels, its direction by
a coin. There is nothing to tune, and it does as well as searched policies. All operations are Pillow's.

Two things are made to fit pictures of any size: the paper translates by up to 32 pixels, which is 1/7 of the 224
pixels of its ImageNet networks, so here it is 1/7 of the side; and moved pixels are interpolated, not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Bump when an operation changes: it is part of the address under which activations are kept.
VERSION = 1
DRAWS = 3  # operation, strength, direction
LEVELS = 31
LARGEST_FACTOR = 0.99  # change of brightness, contrast, colour, sharpness; 1 would leave nothing
LARGEST_SHEAR = 0.99  # pixels sideways per pixel down
LARGEST_TRANSLATION = 1 / 7  # of the side
LARGEST_ROTATION = 135.0  # degrees
FEWEST_BITS = 2

# From a picture and a strength, -1 to 1, to a picture of the same size.
Operation = Callable[[Any, float], Any]


def trivial_augment(image: Any, draws: list[float]) -> Any:
    """An RGB Pillow image of the same size after one operation; three ``draws`` in [0, 1) decide which and how."""
    names = tuple(OPERATIONS)
    level = int(draws[1] * LEVELS) / (LEVELS - 1)
    return OPERATIONS[names[int(draws[0] * len(names))]](image, level if draws[2] < 0.5 else -level)


def _identity(image: Any, strength: float) -> Any:
    return image


def _enhanced(kind: str) -> Operation:
    def operation(image: Any, strength: float) -> Any:
        from PIL import ImageEnhance

        return getattr(ImageEnhance, kind)(image).enhance(1 + LARGEST_FACTOR * strength)

    return operation


def _posterized(image: Any, strength: float) -> Any:
    """8 bits a channel at strength 0, 2 at 1."""
    from PIL import ImageOps

    return ImageOps.posterize(image, 8 - round(abs(strength) * (8 - FEWEST_BITS)))


def _solarized(image: Any, strength: float) -> Any:
    """Inverts what is as bright as 255 at strength 0, everything at 1."""
    from PIL import ImageOps

    return ImageOps.solarize(image, round(255 * (1 - abs(strength))))


def _autocontrast(image: Any, strength: float) -> Any:
    from PIL import ImageOps

    return ImageOps.autocontrast(image)


def _equalized(image: Any, strength: float) -> Any:
    from PIL import ImageOps

    return ImageOps.equalize(image)


def _affine(image: Any, matrix: tuple[float, ...]) -> Any:
    """Output pixel (x, y) is taken from (a x + b y + c, d x + e y + f); black where that is outside."""
    from PIL.Image import Resampling, Transform

    return image.transform(image.size, Transform.AFFINE, matrix, Resampling.BILINEAR)


def _sheared_x(image: Any, strength: float) -> Any:
    return _affine(image, (1, LARGEST_SHEAR * strength, 0, 0, 1, 0))


def _sheared_y(image: Any, strength: float) -> Any:
    return _affine(image, (1, 0, 0, LARGEST_SHEAR * strength, 1, 0))


def _translated_x(image: Any, strength: float) -> Any:
    return _affine(image, (1, 0, LARGEST_TRANSLATION * strength * image.width, 0, 1, 0))


def _translated_y(image: Any, strength: float) -> Any:
    return _affine(image, (1, 0, 0, 0, 1, LARGEST_TRANSLATION * strength * image.height))


def _rotated(image: Any, strength: float) -> Any:
    from PIL.Image import Resampling

    return image.rotate(LARGEST_ROTATION * strength, Resampling.BILINEAR)


# The order decides which draw means which operation: changing it needs a new VERSION.
OPERATIONS: dict[str, Operation] = {
    "identity": _identity,
    "brightness": _enhanced("Brightness"),
    "contrast": _enhanced("Contrast"),
    "colour": _enhanced("Color"),
    "sharpness": _enhanced("Sharpness"),
    "posterize": _posterized,
    "solarize": _solarized,
    "autocontrast": _autocontrast,
    "equalize": _equalized,
    "shear_x": _sheared_x,
    "shear_y": _sheared_y,
    "translate_x": _translated_x,
    "translate_y": _translated_y,
    "rotate": _rotated,
}
