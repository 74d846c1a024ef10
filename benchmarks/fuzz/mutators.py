"""Changes that keep what would else be refused at the door: checksums of PNG, the grammar of JSON."""

from __future__ import annotations

import copy
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LEAVES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, -1e308, 5e-324, 1 << 62, (1 << 63) - 1, 1 << 63, 10**400),
    *("", " ", "-", "nan", "inf", "1,5", "1.234,56", "1e400", "31.12.2024", "9999-12-31T23:59:60Z", "0000-00-00"),
    *("yes", "\u0000", "\ud800", "\u202e", "\U0001f600" * 50, "A" * 700, "data:,", "UklGRg==", "9" * 300),
    *([], {}, [[]], [None], {"data": ""}, {"data": "AAAA"}, {"url": "file:///etc/passwd"}, ["a", "b"], ["a", None]),
)


def repaired(content: bytes) -> bytes:
    """A PNG with the checksums that its chunks should have; else as it is."""
    if not content.startswith(SIGNATURE):
        return content
    found, place = bytearray(content), len(SIGNATURE)
    while place + 12 <= len(found):
        (length,) = struct.unpack_from(">I", found, place)
        end = place + 8 + length
        if end + 4 > len(found):
            break
        struct.pack_into(">I", found, end, zlib.crc32(found[place + 4 : end]))
        place = end + 4
    return bytes(found)


def of_json(before: int) -> Callable[[bytes, random.Random], bytes]:
    """A change of one value of a JSON document, behind ``before`` bytes that are something else; else as it is."""

    def change(content: bytes, draw: random.Random) -> bytes:
        try:
            document = json.loads(content[before:])
        except (ValueError, RecursionError):
            return content
        for _ in range(draw.randint(1, 3)):
            document = _changed(document, draw)
        return content[:before] + json.dumps(document).encode()

    return change


def _changed(value: Any, draw: random.Random) -> Any:
    """Another leaf somewhere below, or one item more, less or twice."""
    if not isinstance(value, dict | list) or not value or draw.random() < 0.05:
        return copy.deepcopy(draw.choice(LEAVES))
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key, dice = draw.choice(keys), draw.random()
    if dice < 0.8:
        value[key] = _changed(value[key], draw)
    elif dice < 0.87:
        del value[key]
    elif isinstance(value, list):
        value.append(copy.deepcopy(value[key] if dice < 0.94 else draw.choice(LEAVES)))
    else:
        value[str(draw.choice(LEAVES))[:40]] = copy.deepcopy(value[key])
    return value
