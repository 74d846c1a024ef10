"""The columns that may become inputs, looked at once, on rows that are learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.table import Column
from headstart.data.cells import evenly_spread
from headstart.data.column_kinds import Look, look_at, typed
from headstart.data.fitness import unfit
from headstart.data.leaks import Suspicion, suspicion
from headstart.data.paths import folder_of, kind_of_files, kind_of_objects, names_missing_files
from headstart.data.sheet import Sheet
from headstart.data.targets import measured_values

LOOKED_AT = 50_000  # rows, evenly spread: more would not change what a column is


class Candidate:
    """One column, and what is found out about it when it is asked for."""

    def __init__(self, name: str, values: Sequence[Any], base: Path, known: str | None, targets: _Targets) -> None:
        self.name = name
        self._values = values
        self._base = base
        self._known = known
        self._targets = targets

    @cached_property
    def files(self) -> tuple[str | None, str]:
        """Modality of the inputs that the column holds or names, None where it does neither; and a note, or ""."""
        if self._known is not None:
            return self._known, ""
        if kind := kind_of_objects(self._values):
            return kind, ""
        folder = folder_of(self._values, self._base)
        if folder is None:
            return None, ""
        kind, note = kind_of_files(self._values, folder, self.name)
        if kind and folder != self._base:
            note = f"the paths in {self.name!r} lead to {folder.name}/ beside the table" + (f"; {note}" if note else "")
        return kind, note

    @cached_property
    def names_missing_files(self) -> bool:
        """Whether the texts end like files, of which most do not exist."""
        return self._known is None and names_missing_files(self._values)

    @cached_property
    def look(self) -> Look:
        """What the cells hold."""
        return look_at(self._values)

    @cached_property
    def column(self) -> Column | None:
        """The cells, read; None where they are lists or objects."""
        return None if self.look.kind is None else typed(self._values, self.look.kind, self.look.spelling)[0]

    @cached_property
    def unfit(self) -> str:
        """Why it is no use as a plain column, or ""."""
        return unfit(self.name, self.look, self.column)

    @cached_property
    def suspicion(self) -> Suspicion | None:
        """Whether it tells the target."""
        if self.column is None or self._targets.texts is None:
            return None
        return suspicion(self.name, self.column, self._targets.texts, self._targets.measured)


class _Targets:
    """Targets of the rows looked at, as texts and, where they are a quantity, as numbers."""

    def __init__(self, texts: Sequence[str] | None) -> None:
        self.texts = texts
        self.measured: NDArray[np.float64] | None = measured_values(texts) if texts else None


def candidates(sheet: Sheet, targets: Sequence[str | None], apart: Sequence[str]) -> Mapping[str, Candidate]:
    """All columns but those ``apart``, looked at in rows of the training part that have a target, if any has.

    Data that are not split yet are looked at as a whole: what a column holds and whether it tells the target does not
    depend on which rows will be set apart.
    """
    rows = [row for row, split in enumerate(sheet.split) if split in ("", "train")] or list(range(len(sheet)))
    rows = [row for row in rows if targets[row] is not None] or rows
    rows = [rows[place] for place in evenly_spread(len(rows), LOOKED_AT)]
    known = [target for row in rows if (target := targets[row]) is not None]
    shared = _Targets(known if len(known) == len(rows) else None)
    base = sheet.bases[int(sheet.base_of[rows[0]])] if rows else sheet.bases[0]
    found = {
        name: Candidate(name, [values[row] for row in rows], base, None, shared)
        for name, values in sheet.columns.items()
        if name not in apart
    }
    for name, each in sheet.known.items():
        if name not in apart:
            found[name] = Candidate(name, (), base, each.modality, shared)
    return found
