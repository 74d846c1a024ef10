"""Inputs that are made, for what a run's own examples may not show: sizes, shapes, colour modes, lengths, rates."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

SIZES = ((300, 300), (480, 640), (900, 300), (120, 1000), (64, 48), (16, 16), (1200, 1600), (224, 224))  # height, width
WORDS = (
    "where is my card I sent it back two weeks ago and nobody has told me what it costs or when it will come".split()
)
LENGTHS = (1, 2, 5, 9, 14, 21, 40, 80, 400)  # words
SECONDS = ((0.2, 8000), (1.0, 16000), (1.7, 22050), (3.1, 44100), (12.0, 48000))  # and the sampling rate in Hz


def made_inputs(kind: str) -> list[bytes]:
    """Encoded pictures, texts or recordings, the same ones each time."""
    makers = {"image": _pictures, "text": _texts, "sound": _recordings}
    return makers[kind](np.random.default_rng(0))


def _pictures(rng: np.random.Generator) -> list[bytes]:
    from PIL import Image as pillow

    found = []
    for height, width in SIZES:
        coarse = rng.integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), dtype=np.uint8)
        picture = pillow.fromarray(coarse).resize((width, height), pillow.Resampling.BICUBIC)
        found += [_saved(picture, "PNG"), _saved(picture, "JPEG", quality=90)]
    small = pillow.fromarray(rng.integers(0, 256, (9, 12, 4), dtype=np.uint8)).resize((240, 180))
    grey = small.convert("L")
    deep = pillow.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    turned = pillow.Exif()
    turned[0x0112] = 6  # a camera held upright
    return [
        *found,
        *(_saved(small.convert(mode), "PNG") for mode in ("RGBA", "L", "LA", "P", "1")),
        _saved(deep, "PNG"),
        _saved(small.convert("RGB").resize((960, 720)), "JPEG", exif=turned),
        _saved(small.convert("CMYK"), "JPEG"),
        _saved(small.convert("RGB"), "WEBP", lossless=True),
        _saved(small.convert("RGB"), "BMP"),
    ]


def _saved(picture: Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def _texts(rng: np.random.Generator) -> list[bytes]:
    plain = [" ".join(rng.choice(WORDS, count)) for count in LENGTHS]
    other = ["Où est ma carte ? 12,50 €", "KARTE!!! Wo?", "カードはどこですか", "word" * 90, "tab\tand\nbreak", "😀 ok"]
    return [text.encode("utf-8") for text in (*plain, *other)]


def _recordings(rng: np.random.Generator) -> list[bytes]:
    import soundfile

    found = []
    for seconds, rate in SECONDS:
        at = np.arange(int(seconds * rate)) / rate
        wave = 0.3 * np.sin(2 * np.pi * rng.integers(100, 2000) * at) + 0.02 * rng.normal(size=len(at))
        for channels in (1, 2):
            stream = io.BytesIO()
            soundfile.write(stream, np.stack([wave] * channels, axis=1), rate, format="WAV")
            found.append(stream.getvalue())
    return found
