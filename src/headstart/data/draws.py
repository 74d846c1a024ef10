"""Random numbers of augmentation views: a pure function of (input bytes, settings, view number).

They come from sha256 and not from a generator of a library, so that no version of anything changes a view that
somebody has kept.
"""

from __future__ import annotations

import hashlib
import math

from headstart.core.config import Config
from headstart.core.files import canonical_json

UNIT = float(1 << 64)


def uniform_draws(content: bytes, settings: Config, number: int, count: int, version: int = 1) -> list[float]:
    """``count`` numbers in [0, 1), the first ones the same however many are asked for.

    Args:
        content: The input's encoded bytes.
        settings: Of the augmentation.
        number: Of the view, from 1.
        count: How many.
        version: Of the views that use them: raising it moves all of them.
    """
    start = hashlib.sha256(content).digest() + canonical_json(settings.model_dump())
    draws: list[float] = []
    while len(draws) < count:
        block = hashlib.sha256(start + f"/{version}/{number}/{len(draws)}".encode()).digest()
        draws += [int.from_bytes(block[i : i + 8], "big") / UNIT for i in range(0, 32, 8)]
    # The largest integers round up to 1 as floats.
    return [min(draw, math.nextafter(1.0, 0.0)) for draw in draws[:count]]
