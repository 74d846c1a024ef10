"""Rows of tables as they were found, before anyone has said what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, choice_message
from headstart.data.columns import Columns
from headstart.data.inputs import Inputs, chained, take


@dataclass(frozen=True)
class Known:
    """A column that is known to hold inputs and is not looked at: pictures of a Hugging Face dataset."""

    modality: str
    inputs: Inputs


@dataclass(frozen=True)
class Sheet:
    """N rows of one or several tables of the same columns.

    Attributes:
        columns: By name, N cells each, as they were read.
        split: N of "train", "val", "test", "".
        ids: N names; not unique.
        bases: Folders that paths are relative to; ``base_of`` ``(N,)`` says which one for each row.
        name: What to call it.
        known: Columns that hold inputs, by name.
        notes: What was understood and why, sentences for people.
        left_out: Columns that are no inputs though nobody said so, by name with a clause each.
    """

    columns: Columns
    split: tuple[str, ...]
    ids: tuple[str, ...]
    bases: tuple[Path, ...]
    base_of: NDArray[np.int64]
    name: str
    known: Mapping[str, Known] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def names(self) -> list[str]:
        """Names of all columns."""
        return [*self.columns, *self.known]

    def require(self, name: str, option: str) -> None:
        """Raise ConfigError with the nearest name where there is no such column."""
        if name not in self.columns and name not in self.known:
            raise ConfigError(choice_message(option, name, self.names))

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Sheet:
        """Some rows."""
        index = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            columns={name: [values[row] for row in index] for name, values in self.columns.items()},
            split=tuple(self.split[row] for row in index),
            ids=tuple(self.ids[row] for row in index),
            base_of=self.base_of[index],
            known={name: Known(each.modality, take(each.inputs, index)) for name, each in self.known.items()},
        )

    def as_split(self, split: str, prefix: str = "") -> Sheet:
        """All rows assigned to one split, their ids below ``prefix``."""
        return replace(self, split=(split,) * len(self), ids=tuple(prefix + name for name in self.ids))


def sheet_of(columns: Columns, base: Path, name: str, known: Mapping[str, Known] | None = None) -> Sheet:
    """Rows of one table; paths in it are relative to ``base``."""
    held = known or {}
    n = len(next(iter(columns.values()))) if columns else len(next(iter(held.values())).inputs) if held else 0
    return Sheet(columns, ("",) * n, tuple(map(str, range(n))), (base,), np.zeros(n, np.int64), name, held)


def stacked(sheets: Sequence[Sheet]) -> Sheet:
    """One below the other, with the name of the first; a column that one lacks is empty there."""
    first, *rest = sheets
    for other in rest:
        names = dict.fromkeys((*first.columns, *other.columns))
        first = Sheet(
            columns={name: [*_cells(first, name), *_cells(other, name)] for name in names},
            split=first.split + other.split,
            ids=first.ids + other.ids,
            bases=first.bases + other.bases,
            base_of=np.concatenate([first.base_of, other.base_of + len(first.bases)]),
            name=first.name,
            known={
                name: Known(each.modality, chained(each.inputs, other.known[name].inputs))
                for name, each in first.known.items()
                if name in other.known
            },
            notes=tuple(dict.fromkeys((*first.notes, *other.notes))),
        )
    return first


def _cells(sheet: Sheet, name: str) -> Sequence[Any]:
    return sheet.columns[name] if name in sheet.columns else (None,) * len(sheet)
