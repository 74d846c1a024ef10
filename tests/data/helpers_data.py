"""Pictures and folders for the tests of the data room."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from headstart.data.class_names import order


def picture(seed: int = 0, height: int = 24, width: int = 32) -> Image.Image:
    """A smooth colour picture that no other seed gives."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def photograph(seed: int, height: int, width: int) -> Image.Image:
    """Structure at every scale, as photographs have: noise whose amplitude falls with its frequency."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((height, width, 3))
    for cells in (4, 8, 16, 32, 64, 128):
        noise = rng.uniform(-1, 1, (cells, cells, 3)).astype(np.float32)
        planes = [Image.fromarray(noise[..., c]).resize((width, height), Image.Resampling.BICUBIC) for c in range(3)]
        layers += np.stack([np.asarray(plane) for plane in planes], axis=-1) * 200 / cells**0.7
    return Image.fromarray(np.clip(128 + layers, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(seed: int = 0, height: int = 24, width: int = 32) -> bytes:
    return encoded(picture(seed, height, width))


def fill(root: Path, counts: dict[str, int], start: int = 0) -> Path:
    """Class folders below ``root`` with so many pictures each, all different."""
    for name, count in counts.items():
        for i in range(count):
            start += 1
            write(root / name / f"{i}.png", png(start))
    return root


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def classes_of(dataset) -> tuple[str, ...]:
    """Distinct targets, in the order of classes."""
    return order(dataset.targets.tolist())


def contents(reading, part: int = 0) -> list[str]:
    """Texts of all inputs of a reading's part."""
    inputs = reading.dataset.parts[part].inputs
    return [inputs.read(row).decode() for row in range(len(inputs))]


def said(reading) -> str:
    """All notes, one a line."""
    return "\n".join(reading.notes)
