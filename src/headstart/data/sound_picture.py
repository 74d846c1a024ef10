"""A small picture of a recording's loudness over time, for reports."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from headstart.data.sound_decode import Header, decode_middle

WIDTH, HEIGHT = 160, 60  # pixels
PAPER, INK, AXIS = (255, 255, 255), (46, 96, 140), (200, 208, 214)
LONGEST_SECONDS = 30.0  # of a longer recording the middle is drawn


def waveform_picture(content: bytes) -> bytes:
    """PNG bytes: per column the lowest and highest sample, scaled to the loudest; raises DataError."""
    from PIL import Image

    wave, _ = decode_middle(content, LONGEST_SECONDS)
    low, high = _extremes(wave)
    half = (HEIGHT - 1) / 2
    loudest = max(float(np.abs(wave).max()), 1e-9)
    rows = np.arange(HEIGHT)[:, None]
    is_inked = (rows >= np.floor(half - high / loudest * half)) & (rows <= np.ceil(half - low / loudest * half))
    pixels = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    pixels[HEIGHT // 2] = AXIS
    pixels[is_inked & ((low != 0) | (high != 0))] = INK
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def caption(header: Header) -> str:
    """Length, rate and channels in a few words: "0.52 s, 8 kHz"."""
    seconds = header.samples / header.sample_rate
    if seconds >= 60:
        length = f"{int(seconds // 60)} min {int(seconds % 60)} s"
    else:
        length = f"{seconds * 1000:.0f} ms" if seconds < 0.1 else f"{seconds:.2f} s"
    drawn = f" (the middle {LONGEST_SECONDS:.0f} s are drawn)" if seconds > LONGEST_SECONDS else ""
    channels = "" if header.channels == 1 else f", {header.channels} channels"
    return f"{length}, {header.sample_rate / 1000:g} kHz{channels}{drawn}"


def _extremes(wave: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest sample of each column, ``(WIDTH,)`` each; a short recording repeats samples."""
    starts = np.arange(WIDTH) * len(wave) // WIDTH
    return np.minimum.reduceat(wave, starts), np.maximum.reduceat(wave, starts)
