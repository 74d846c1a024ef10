"""Pictures to pixels and back, for what makes them worse; PNG loses nothing more."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def opened(content: bytes) -> Image:
    """The picture, upright, RGB; raises DataError with the reason."""
    from headstart.data.decode import decode

    return decode(content)


def png(picture: Image) -> bytes:
    """The picture as a file."""
    stream = io.BytesIO()
    picture.save(stream, format="PNG", compress_level=1)
    return stream.getvalue()
