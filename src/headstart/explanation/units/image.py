"""Pictures: cells of a grid over what the network sees; a cell that is taken away gets the mean colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import ImagePreprocessing
from headstart.explanation.example import Changed, Example
from headstart.explanation.grid import cells_of, spread
from headstart.explanation.unit import Kept


class ImageUnits:
    """See ``explanation.unit.Units``; where several networks see the picture, each in its own frame."""

    repeats = 1
    noun = "cell"
    reference = "the mean colour that the network was trained with"

    def __init__(self, predictor: Predictor, example: Example) -> None:
        self.predictor, self.example = predictor, example
        height, width, _ = example.prepared[0].shape
        self.shape: tuple[int, ...] = cells_of(height, width)
        rows, columns = self.shape
        self.names = tuple(f"row {r + 1}, column {c + 1}" for r in range(rows) for c in range(columns))

    def without(self, kept: Kept) -> Changed:
        """Pixels ``(n, H, W, 3)`` for each pass."""
        changed = []
        for over, pixels in zip(self.predictor.passes, self.example.prepared, strict=True):
            mean = ImagePreprocessing.parse(over.preparer.preprocessing.model_dump(), "preprocessing").mean
            colour = np.rint(np.asarray(mean) * 255).astype(np.uint8)
            there = spread(kept, *pixels.shape[:2])[..., None]
            changed.append(np.where(there, pixels[None], colour))
        return Changed(tuple(changed))

    def picture(self) -> NDArray[np.uint8]:
        """What the first network sees."""
        return np.asarray(self.example.prepared[0], np.uint8)

    def pieces(self) -> tuple[tuple[str, int | None], ...]:
        """No text."""
        return ()


def _build(asked: tuple[Predictor, Example]) -> ImageUnits:
    return ImageUnits(*asked)


PLUGIN = Plugin(build=_build, modality="image")
