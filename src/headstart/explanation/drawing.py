"""Attributions drawn over what they are about: a picture or a spectrum with coloured cells, as PNG or WebP bytes."""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.explanation.grid import resampled

FOR, AGAINST = (230, 97, 1), (30, 90, 200)  # orange and blue, which most who see colours otherwise tell apart
STRONGEST = 0.75  # opacity of the largest figure
SHORTEST = 224  # pixels of the shorter side of what is drawn, at least
QUALITY = 70  # of WebP, 0-100


def overlay(picture: NDArray[np.uint8], values: NDArray[np.float64], form: Literal["PNG", "WEBP"] = "PNG") -> bytes:
    """``(H, W, 3)``, greyed, with cells ``(R, C)`` over it: orange speaks for the answer, blue against it.

    ``form`` PNG is without loss; WEBP is a tenth of its size, for pages that hold many.
    """
    from PIL import Image

    times = max(1, -(-SHORTEST // min(picture.shape[:2])))
    large = np.repeat(np.repeat(picture, times, axis=0), times, axis=1)
    height, width = large.shape[:2]
    shares = resampled(scaled(values), height, width)[..., None]
    grey = np.repeat(large.mean(axis=2, keepdims=True), 3, axis=2)
    opacity = STRONGEST * np.abs(shares)
    colour = np.where(shares > 0, np.array(FOR, np.float64), np.array(AGAINST, np.float64))
    drawn = grey * (1 - opacity) + colour * opacity
    stream = io.BytesIO()
    options = {"optimize": True} if form == "PNG" else {"quality": QUALITY}
    Image.fromarray(drawn.round().astype(np.uint8)).save(stream, form, **options)
    return stream.getvalue()


def scaled(values: NDArray[Any]) -> NDArray[np.float64]:
    """By the largest size, to -1 to 1; all zeros stay so."""
    largest = float(np.abs(values).max(initial=0.0))
    return np.asarray(values, np.float64) / (largest or 1.0)
