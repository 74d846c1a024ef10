"""Samples in memory to the bytes of a WAV file, so that they are read like any other recording."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from headstart.core.errors import DataError


def wave_bytes(samples: Any, sample_rate: int) -> bytes:
    """A 32-bit float WAV file; it needs no package.

    Args:
        samples: ``(S,)`` or ``(S, channels)``: floats in -1 to 1, or int16, which are divided by 32768.
        sample_rate: In Hz.

    Raises:
        DataError: another shape or dtype, or no samples; the message is the reason.
    """
    array = np.asarray(samples)
    if array.ndim not in (1, 2) or 0 in array.shape or array.dtype.kind not in "fi":
        raise DataError(
            f"samples must be (S,) or (S, channels) floats or int16; got shape {array.shape}, dtype {array.dtype}"
        )
    if array.dtype.kind == "i" and array.dtype != np.int16:
        raise DataError(f"whole-number samples must be int16; got {array.dtype}. Divide by full scale to get floats.")
    scale = 32768 if array.dtype == np.int16 else 1
    channels = 1 if array.ndim == 1 else array.shape[1]
    data = (array.astype("<f4") / np.float32(scale)).astype("<f4").tobytes()
    ieee_float, bits = 3, 32
    rates = struct.pack("<HHIIHH", ieee_float, channels, sample_rate, sample_rate * channels * 4, channels * 4, bits)
    form = b"fmt " + struct.pack("<I", len(rates)) + rates
    fact = b"fact" + struct.pack("<II", 4, len(array))
    body = b"WAVE" + form + fact + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
