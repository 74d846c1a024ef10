"""What the first bytes of a picture say: format, size, orientation. Microseconds, no decoding.

JPEG is parsed here because most pictures are JPEG and Pillow takes ten times as long to open one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

# What the bytes start with -> Pillow's name of the format. A new format is a line here and one in decode.PLUGINS.
MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
)
PORTABLE_MAPS = tuple(b"P%d" % kind for kind in range(1, 7))
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"hevc": "HEIC"}
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers; the three others are tables
STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
ORIENTATION_TAG = 0x0112


@dataclass(frozen=True)
class JpegHeader:
    """Size as stored (before the orientation), EXIF orientation 1-8, and where the compressed data begin."""

    height: int
    width: int
    orientation: int
    scan_start: int


def sniff(content: bytes) -> str | None:
    """The format by the first bytes, in Pillow's spelling ("HEIC" is known but not decoded); None if unknown."""
    for magic, name in MAGIC:
        if content.startswith(magic):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        return BRANDS.get(content[8:12])
    if content[:2] in PORTABLE_MAPS and content[2:3].isspace():
        return "PPM"
    return None


def jpeg_header(content: bytes) -> JpegHeader | None:
    """Walk the segments up to the scan; None where they do not make sense."""
    position, end, orientation, height, width = 2, len(content), 1, 0, 0
    while position + 4 <= end:
        if content[position] != 0xFF:
            return None
        marker = content[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker in STANDALONE:
            position += 2
            continue
        length = int.from_bytes(content[position + 2 : position + 4], "big")
        body = position + 4
        if marker in FRAME_HEADERS and body + 5 <= end:
            height, width = struct.unpack_from(">HH", content, body + 1)
        elif marker == 0xE1 and content[body : body + 6] == b"Exif\0\0":
            orientation = exif_orientation(content[body + 6 : position + 2 + length])
        elif marker == 0xDA:
            return JpegHeader(height, width, orientation, body) if height and width else None
        position += 2 + length
    return None


def exif_orientation(tiff: bytes) -> int:
    """Orientation 1-8 from an EXIF block, 1 where it says nothing sensible."""
    byte_order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if byte_order is None:
        return 1
    try:
        (start,) = struct.unpack_from(byte_order + "I", tiff, 4)
        (count,) = struct.unpack_from(byte_order + "H", tiff, start)
        for entry in range(count):
            tag, kind, _, value = struct.unpack_from(byte_order + "HHIH", tiff, start + 2 + 12 * entry)
            if tag == ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else 1  # 3: unsigned short
    except struct.error:
        return 1
    return 1


def png_size(content: bytes) -> tuple[int, int] | None:
    """Height and width from the first chunk."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return (height, width) if height and width else None
