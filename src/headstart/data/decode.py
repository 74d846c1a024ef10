"""Encoded pictures to RGB, one way for every format and colour mode.

First frame of animations and of files with several pages; EXIF orientation applied; transparency on white; 16-bit
values scaled by their full range (65535 becomes 255, so that equal values stay equal across pictures).
"""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from headstart.core.errors import DataError
from headstart.data.headers import exif_orientation, jpeg_header, png_size, sniff

if TYPE_CHECKING:
    from PIL.Image import Image

# Bump when decoded pixels change: it is part of the address under which activations are kept.
VERSION = 1
# A quarter of a GiB of RGB: Pillow's own limit for what it calls a decompression bomb.
MAX_PIXELS = 89_478_485
# Pillow's module that reads each format. Nothing else is tried: some of Pillow's formats start other programs.
PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "WEBP": "WebPImagePlugin",
    "TIFF": "TiffImagePlugin",
    "PPM": "PpmImagePlugin",
    "AVIF": "AvifImagePlugin",
    "JPEG2000": "Jpeg2KImagePlugin",
}
TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap height and width


class Header(NamedTuple):
    """Size as seen (after the EXIF orientation) in pixels, and the format."""

    height: int
    width: int
    format: str


class Stored(NamedTuple):
    """A decoded picture as it lies in the file.

    Attributes:
        image: RGB, possibly at reduced size.
        orientation: EXIF orientation 1-8 still to be undone.
        height: Of the picture at full size, as stored, in pixels.
        width: Likewise.
    """

    image: Image
    orientation: int
    height: int
    width: int


def decoder_version() -> str:
    """Names the code that turns bytes into pixels; other versions may give other pixels."""
    from PIL import __version__, features

    return f"headstart-{VERSION}/pillow-{__version__}/jpeg-{features.version('jpg')}"


def probe(content: bytes) -> Header:
    """Format and size without decoding.

    Raises:
        DataError: empty, not a picture, an unknown format, too large, or cut off. A JPEG or PNG whose end is missing
            is decoded to be sure; damage in the middle of a file shows only when it is decoded.
    """
    kind = _require_known(content)
    if kind == "JPEG" and (jpeg := jpeg_header(content)):
        height, width = (jpeg.width, jpeg.height) if jpeg.orientation in TRANSPOSED else (jpeg.height, jpeg.width)
        _require_small(height, width)
        if content.rfind(b"\xff\xd9", jpeg.scan_start) < 0:  # in compressed data FF is always followed by 00
            decode(content)
        return Header(height, width, kind)
    if kind == "PNG" and b"eXIf" not in content[:4096] and (size := png_size(content)):
        _require_small(*size)
        if content.rfind(b"IEND") < 0:
            decode(content)
        return Header(*size, kind)
    with _open(content, kind) as image:
        width, height = image.size
        return Header(*((width, height) if _orientation(content, image) in TRANSPOSED else (height, width)), kind)


def decode(content: bytes, *, at_least: tuple[int, int] | None = None) -> Image:
    """The picture in RGB, upright.

    Args:
        content: The file's bytes.
        at_least: Height and width in pixels, as seen. A JPEG may then come at 1/2, 1/4 or 1/8 of its size, as long
            as it keeps these; its own size is ``probe(content)``.

    Raises:
        DataError: the message is the reason, a few words about this picture alone.
    """
    stored = decode_stored(content, at_least=at_least)
    return upright(stored.image, stored.orientation)


def decode_stored(content: bytes, *, at_least: tuple[int, int] | None = None) -> Stored:
    """As :func:`decode`, not turned upright yet: turning a small result is cheaper than turning the whole picture."""
    with _open(content, _require_known(content)) as image:
        width, height = image.size
        orientation = _orientation(content, image)
        if at_least is not None and image.format in {"JPEG", "MPO"}:
            image.draft(None, at_least if orientation in TRANSPOSED else at_least[::-1])  # width, height
        try:
            image.load()
            return Stored(_to_rgb(image), orientation, height, width)
        except DataError:
            raise
        except Exception as error:  # a decoder fed with damaged bytes may raise anything
            raise DataError(f"damaged or cut off ({_words(error)})") from None


def upright(image: Image, orientation: int) -> Image:
    """Undo an EXIF orientation, 1-8."""
    from PIL.Image import Transpose

    turns: dict[int, Any] = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _require_known(content: bytes) -> str:
    if not content:
        raise DataError("an empty file (0 bytes)")
    kind = sniff(content)
    if kind == "HEIC":
        raise DataError("a HEIC picture, which is not decoded here; convert it to JPEG")
    if kind is None:
        start = content[:12]
        what = "text" if start.isascii() and start.decode("ascii").isprintable() else "not a picture in a known format"
        raise DataError(f"{what} (it starts with {start!r})")
    return kind


def _require_small(height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        raise DataError(
            f"{width} x {height} pixels, more than the {MAX_PIXELS:,} that are decoded; make the picture smaller"
        )


def _open(content: bytes, kind: str) -> Image:
    from PIL import Image

    try:
        importlib.import_module(f"PIL.{PLUGINS[kind]}")
        image = Image.open(io.BytesIO(content), formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"more than the {MAX_PIXELS:,} pixels that are decoded; make the picture smaller") from None
    except Exception as error:  # a decoder fed with damaged bytes may raise anything
        raise DataError(f"damaged {kind} ({_words(error)})") from None
    _require_small(image.height, image.width)
    return image


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return "its content cannot be read" if not text or "BytesIO" in text else text


def _orientation(content: bytes, image: Image) -> int:
    if image.format in {"JPEG", "MPO"}:
        header = jpeg_header(content)
        return header.orientation if header else 1
    block = image.info.get("exif")
    if isinstance(block, bytes) and image.format != "TIFF":  # Pillow turns TIFF itself
        return exif_orientation(block.removeprefix(b"Exif\0\0"))
    return 1


def _to_rgb(image: Image) -> Image:
    from PIL import Image as pillow

    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return _scaled_to_8_bits(image)
    if image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = pillow.new("RGBA", rgba.size, (255, 255, 255, 255))
        return pillow.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _scaled_to_8_bits(image: Image) -> Image:
    """16-bit and 32-bit grey by the range of 16 bits; floats by 1 where none is above 1."""
    from PIL import Image as pillow

    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=0.0)
    top = float(values.max(initial=0.0))
    is_unit = image.mode == "F" and top <= 1.0
    is_byte = not image.mode.startswith("I;16") and top <= 255.0
    full = 1.0 if is_unit else 255.0 if is_byte else 65535.0
    grey = np.clip(np.rint(values * (255.0 / full)), 0, 255).astype(np.uint8)
    return pillow.fromarray(grey).convert("RGB")
