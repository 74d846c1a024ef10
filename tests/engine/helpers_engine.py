"""Keys, inputs, preparers and spaces for the engine's tests."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from PIL import Image

from headstart.core.errors import DataError
from headstart.core.preprocessing import ImagePreprocessing
from headstart.data.modalities import modality
from headstart.engine.activations.address import Space

PICTURES = modality("image").preparer(ImagePreprocessing(image_size=(8, 8), resize="squash"), {})
SPACE = Space({"kind": "test", "name": "a"})


def keys_of(*names: object) -> np.ndarray:
    """(N, 32) uint8: sha256 of each name's text."""
    digests = [list(hashlib.sha256(str(name).encode()).digest()) for name in names]
    return np.array(digests, np.uint8).reshape(len(names), 32)


def rows_of(keys: np.ndarray, width: int = 4) -> np.ndarray:
    """(N, width) float32 that follow from the keys, so that a mixed-up row shows."""
    return keys[:, :width].astype(np.float32) / 7


def png(colour: tuple[int, int, int], size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


class Memory:
    """Inputs in memory; values that are exceptions are raised."""

    def __init__(self, contents):
        self.contents = list(contents)
        self.reads = 0

    def __len__(self):
        return len(self.contents)

    def read(self, i):
        self.reads += 1
        if isinstance(self.contents[i], Exception):
            raise self.contents[i]
        return self.contents[i]

    def name(self, i):
        return str(i)

    @property
    def keys(self):
        known = [c if isinstance(c, bytes) else b"unreadable %d" % i for i, c in enumerate(self.contents)]
        return np.frombuffer(b"".join(hashlib.sha256(c).digest() for c in known), np.uint8).reshape(-1, 32)


def coloured(count: int, seed: int = 0) -> Memory:
    """Pictures of distinct colours."""
    numbers = [(7919 * i + 104729 * (seed + 1)) % 256**3 for i in range(count)]  # primes: spread out, all different
    return Memory(png((n >> 16, n >> 8 & 255, n & 255)) for n in numbers)


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    """(B, 3) float32."""
    return pixels.mean(axis=(1, 2), dtype=np.float32)


class Letters:
    """A preparer of many shapes: a text's bytes as ``(T,)`` int32, padded with -1 to a multiple of 4."""

    preprocessing = ImagePreprocessing()

    def prepare(self, content):
        if not content:
            raise DataError("it is empty")
        padded = np.full(-(-len(content) // 4) * 4, -1, np.int32)
        padded[: len(content)] = np.frombuffer(content, np.uint8)
        return padded

    def address(self):
        return {"letters": 1}


def texts(count: int, longest: int = 40, seed: int = 0) -> Memory:
    """Distinct texts of 1 to ``longest`` letters."""
    rng = np.random.default_rng(seed)
    found: dict[bytes, None] = {}
    while len(found) < count:
        found[bytes(rng.integers(97, 123, rng.integers(1, longest + 1), dtype=np.uint8))] = None
    return Memory(found)


def mean_letter(values: np.ndarray) -> np.ndarray:
    """(B, 1) float32: mean over what is not padding."""
    return np.where(values >= 0, values, 0).sum(axis=1, keepdims=True) / (values >= 0).sum(axis=1, keepdims=True)
