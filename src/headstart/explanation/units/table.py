"""Rows of a table: columns, and texts, pictures and recordings beside them, each as a whole.

A column that is taken away has other plausible values in turn.

What is plausible is what the bundle knows of a column (:mod:`headstart.explanation.plausible`), else "missing". Answers
are averaged over a few such rows: the interventional expectation of Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874.
Beside networks one row has to do, since each would run them again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import ImagePreprocessing
from headstart.core.table import Column, Table
from headstart.explanation.example import Changed, Example
from headstart.explanation.plausible import ROWS, plausible_values, reference_rows
from headstart.explanation.unit import Kept

NO_TEXT = b"-"  # as rows without a text are read
QUIETER = 1e-3  # 60 dB; digital silence would be strange to a network in its own way


class TableUnits:
    """See ``explanation.unit.Units``."""

    noun = "column"
    reference = (
        "other values that the model's own tables hold as plausible, in turn, else a missing one; for a text '-', "
        "for a picture the mean colour, for a recording itself 60 dB quieter"
    )

    def __init__(self, predictor: Predictor, example: Example) -> None:
        self.predictor, self.example = predictor, example
        schema = predictor.schema
        self.columns = tuple(example.table.columns)
        self.parts = tuple(n for n, part in enumerate(schema.parts) if self._can_go(n, part.modality))
        self.names = (*self.columns, *(schema.parts[number].name for number in self.parts))
        self.shape: tuple[int, ...] = (len(self.names),)
        self.repeats = 1 if predictor.passes or predictor.contents else ROWS
        self.stand_ins = reference_rows(plausible_values(predictor), self.repeats)

    def without(self, kept: Kept) -> Changed:
        """Rows, those of one version one below the other."""
        kept = np.repeat(kept, self.repeats, axis=0)
        columns = {
            name: self._column(name, column, kept[:, place])
            for place, (name, column) in enumerate(self.example.table.columns.items())
        }
        gone = {part: ~kept[:, len(self.columns) + place] for place, part in enumerate(self.parts)}
        prepared = [
            self._prepared(number, gone.get(over.part), len(kept)) for number, over in enumerate(self.predictor.passes)
        ]
        contents = {
            part: [NO_TEXT if part in gone and gone[part][row] else content for row in range(len(kept))]
            for part, content in self.example.contents.items()
        }
        return Changed(tuple(prepared), contents, Table(columns))

    def _column(self, name: str, column: Column, kept: NDArray[np.bool_]) -> Column:
        is_category = column.kind == "category"
        missing = np.full(self.repeats, None if is_category else np.nan, object)
        others = np.tile(self.stand_ins.get(name, missing), len(kept) // self.repeats)
        values = np.empty(len(kept), object if is_category else np.float64)
        values[:] = column.values[0]
        values[~kept] = others[~kept]
        return Column(column.kind, values, column.spelling)

    def _can_go(self, number: int, modality: str) -> bool:
        """Whether a part can be taken away: of pictures and recordings only what is prepared, not the file's bytes."""
        return modality == "text" or number not in self.predictor.contents

    def _prepared(self, number: int, gone: NDArray[np.bool_] | None, n: int) -> NDArray[Any]:
        """Without a text its own tokens are followed by padding, so that all versions have one length."""
        values, preparer = self.example.prepared[number], self.predictor.passes[number].preparer
        batch = np.repeat(values[None], n, axis=0)
        if gone is None or not gone.any():
            return batch
        if preparer.preprocessing.kind == "image":
            mean = ImagePreprocessing.parse(preparer.preprocessing.model_dump(), "preprocessing").mean
            batch[gone] = np.rint(np.asarray(mean) * 255).astype(values.dtype)
        elif preparer.preprocessing.kind == "sound":
            batch[gone] *= QUIETER
        else:
            empty = preparer.prepare(NO_TEXT)
            if len(empty) > len(values):  # a text shorter than "-" cannot be
                return batch
            batch[gone] = -1  # core.preprocessing.text.PAD
            batch[np.flatnonzero(gone)[:, None], np.arange(len(empty))] = empty
        return batch

    def picture(self) -> None:
        """No cells."""
        return

    def pieces(self) -> tuple[tuple[str, int | None], ...]:
        """No text."""
        return ()


def _build(asked: tuple[Predictor, Example]) -> TableUnits:
    return TableUnits(*asked)


PLUGIN = Plugin(build=_build, modality="table")
