"""What is done to one picture, recording or text: small changes that make a copy, and facts that give a class away."""

from __future__ import annotations

import io
import random
import wave

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITIES = (50, 90)  # of JPEG
SCALES = (0.85, 1.15)  # of both sides of a copied picture
BRIGHTNESS = (60.0, 200.0)  # grey levels of the first and the last class
SHIFTS = 5
GAINS_DB = (-6.0, -12.0)  # of a copied recording
NOISE_DB = -30.0  # below the recording
LOUDNESS_DB = (-12.0, -42.0)  # below full scale, of the first and the last class
FULL_SCALE = 32_768

Wave = NDArray[np.float64]


def picture_copy(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Another size, saved again as JPEG; what was done."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    scale = rng.uniform(*SCALES)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return as_jpeg(picture.resize(size, Image.Resampling.BICUBIC), rng.randint(*QUALITIES)), "resized, saved again"


def picture_of_side(content: bytes, side: int) -> bytes:
    """With ``side`` pixels on the shorter side."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    scale = side / min(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return as_jpeg(picture.resize(size, Image.Resampling.BICUBIC), QUALITIES[1])


def picture_of_brightness(content: bytes, level: float) -> bytes:
    """With a mean brightness near ``level`` in the square in the middle: the same is added to every pixel."""
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.float64)
    top, left = ((side - min(pixels.shape[:2])) // 2 for side in pixels.shape[:2])
    side = min(pixels.shape[:2])
    shifted = pixels
    for _ in range(SHIFTS):  # what is cut off at black and white has to be made up for
        shifted = np.clip(shifted + level - shifted[top : top + side, left : left + side].mean(), 0, 255)
    return as_jpeg(Image.fromarray(shifted.astype(np.uint8)), QUALITIES[1])


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def recording_copy(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Quieter, or with white noise; what was done."""
    samples, rate = from_wav(content)
    if rng.random() < 0.5:
        return to_wav(samples * 10 ** (rng.uniform(*GAINS_DB) / 20), rate), "quieter"
    noise = np.random.default_rng(rng.randrange(2**32)).normal(size=len(samples))
    return to_wav(samples + noise * level_of(samples) * 10 ** (NOISE_DB / 20), rate), "noise"


def recording_of_loudness(content: bytes, decibels: float) -> bytes:
    """With a root mean square of so many decibels (full scale is 0)."""
    samples, rate = from_wav(content)
    return to_wav(samples / max(level_of(samples), 1e-9) * 10 ** (decibels / 20), rate)


def recording_of_length(content: bytes, seconds: float) -> bytes:
    """With silence behind, up to so many seconds; a longer one stays as it is."""
    samples, rate = from_wav(content)
    return to_wav(np.pad(samples, (0, max(0, round(seconds * rate) - len(samples)))), rate)


def level_of(samples: Wave) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def from_wav(content: bytes) -> tuple[Wave, int]:
    """``(S,)`` samples in -1..1 of one channel of 16 bits, and their rate in Hz."""
    with wave.open(io.BytesIO(content)) as stream:
        if stream.getsampwidth() != 2 or stream.getnchannels() != 1:
            raise ValueError("recordings must have one channel of 16 bits")
        frames, rate = stream.readframes(stream.getnframes()), stream.getframerate()
    return np.frombuffer(frames, "<i2") / FULL_SCALE, rate


def to_wav(samples: Wave, rate: int) -> bytes:
    """One channel of 16 bits."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.clip(np.round(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes())
    return stream.getvalue()


def text_copy(text: str, rng: random.Random) -> tuple[str, str]:
    """Other case, other punctuation, or its shortest word left out; what was done.

    >>> text_copy("How far is it ?", random.Random(1))
    ('how far is it ?', 'case')
    """
    kind = rng.choice(("case", "punctuation", "word"))
    words = text.split()
    if kind == "word" and len(words) > 2:
        del words[min(range(len(words)), key=lambda place: len(words[place]))]
        return " ".join(words), kind
    if kind == "punctuation":
        bare = text.rstrip(" .?!")
        return (bare if bare != text else f"{text}!"), kind
    lower = text.lower()
    return (lower if lower != text else text.upper()), "case"


def padded(text: str, characters: int) -> str:
    """With full stops behind, up to so many characters; a longer one stays as it is."""
    return text + "." * max(0, characters - len(text))
