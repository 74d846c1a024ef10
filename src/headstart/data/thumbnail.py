"""A small JPEG of a picture, for reports."""

from __future__ import annotations

import io

from headstart.data.decode import decode


def thumbnail(content: bytes, longest: int = 160) -> bytes:
    """JPEG bytes of the whole picture, its longer side at most ``longest`` pixels; raises DataError."""
    from PIL.Image import Resampling

    image = decode(content, at_least=(longest, longest))
    image.thumbnail((longest, longest), Resampling.BICUBIC)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
