"""Recordings to samples and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.data.sound_encode import wave_bytes

LONGEST = 3600.0  # seconds that are read of a recording: no network looks at more


def samples(content: bytes) -> tuple[NDArray[np.float32], int]:
    """``(S,)`` of one channel, and samples a second; raises DataError with the reason."""
    from headstart.data.sound_decode import decode_middle

    return decode_middle(content, LONGEST)


def wav(wave: NDArray[np.float32], rate: int) -> bytes:
    """The samples as a file; what is louder than full scale is cut off."""
    return wave_bytes(np.clip(wave, -1, 1).astype(np.float32), rate)
