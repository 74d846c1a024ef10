"""What a kind of input is made of, as far as explanations go: units that can be taken away."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core import plugins
from headstart.explanation.example import Changed, Example

ROOM = "explanation.units"
Kept = NDArray[np.bool_]


class Units(Protocol):
    """The units of one example; a file of ``units`` builds it.

    Attributes:
        shape: Of a figure for each unit: (rows, columns) of cells, (words,), (columns,).
        names: One for each unit, row by row.
        noun: Of one unit, for sentences: "cell", "word", "column".
        reference: What stands in the place of a unit that is taken away, a clause.
        repeats: Versions that :meth:`without` makes for each, over which answers are averaged.
    """

    shape: tuple[int, ...]
    names: tuple[str, ...]
    noun: str
    reference: str
    repeats: int

    def picture(self) -> NDArray[np.uint8] | None:
        """``(H, W, 3)`` that cells can be drawn over; None where units are no cells."""

    def pieces(self) -> tuple[tuple[str, int | None], ...]:
        """A text in pieces, each with the number of its word, None between words; empty where there is no text."""

    def without(self, kept: Kept) -> Changed:
        """The example without what is False in ``kept`` ``(n, *shape)``: ``n * repeats`` versions."""


def units_of(predictor: Predictor, example: Example) -> Units:
    """Cells of a picture or recording, words of a text, columns (and texts beside them) of anything else."""
    built: Units = plugins.load(ROOM, predictor.schema.modality).build((predictor, example))
    return built
