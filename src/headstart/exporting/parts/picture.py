"""Decode pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000")
TURNED = (5, 6, 7, 8)  # EXIF orientations that swap height and width


def pixels(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """The bytes of a picture as upright RGB, (H, W, 3) uint8 of any size; the model resizes it itself."""
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.format == "JPEG":  # large ones are decoded at 1/2, 1/4 or 1/8 of their size
        height, width = asked["decode_at_least"]
        turned = image.getexif().get(0x0112) in TURNED
        image.draft(None, (height, width) if turned else (width, height))
    return np.asarray(rgb(ImageOps.exif_transpose(image)))


def rgb(image: Image.Image) -> Image.Image:
    """Transparency on white; 16 bits by their full range; the first frame."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image).astype(np.float32), nan=0.0, posinf=np.inf, neginf=0.0)
        top = float(values.max(initial=0.0))
        is_byte = not image.mode.startswith("I;16") and top <= 255
        full = 1.0 if image.mode == "F" and top <= 1 else 255.0 if is_byte else 65535.0
        return Image.fromarray(np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba).convert("RGB")
    return image.convert("RGB")
