"""Rows of a source that has one input per row, as it has them: files of folders, sequences. Nothing is opened yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headstart.data.inputs import Inputs, take

SPLITS = ("train", "val", "test")
# How others spell the three names; compared in lower case.
ALIASES = {"training": "train", "valid": "val", "validation": "val", "dev": "val", "testing": "test"}


@dataclass(frozen=True)
class Bad:
    """An input that was left out, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """Rows of a source, not opened yet.

    Attributes:
        inputs: N lazy inputs.
        ids: N names; not yet unique.
        targets: N targets; None where the source has none.
        split: N of "train", "val", "test", "".
        name: What to call the source.
        columns: Further columns, N values each, None where a row has none.
        notes: What was understood and why, sentences for people.
        modality: Of the inputs; "" where the names of the files say it.
    """

    inputs: Inputs
    ids: tuple[str, ...]
    targets: tuple[str | None, ...]
    split: tuple[str, ...]
    name: str
    columns: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    modality: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: list[int]) -> Listing:
        """Some rows."""
        return replace(
            self,
            inputs=take(self.inputs, np.asarray(rows, dtype=np.int64)),
            ids=_pick(self.ids, rows),
            targets=_pick(self.targets, rows),
            split=_pick(self.split, rows),
            columns={name: _pick(values, rows) for name, values in self.columns.items()},
        )

    def as_split(self, split: str, prefix: str = "") -> Listing:
        """All rows assigned to one split, their ids below ``prefix``."""
        return replace(self, split=(split,) * len(self), ids=tuple(prefix + name for name in self.ids))


def split_name(text: str) -> str | None:
    """What a name means: "train", "val", "test"; None for any other."""
    name = text.strip().lower()
    name = ALIASES.get(name, name)
    return name if name in SPLITS else None


def _pick(values: tuple[Any, ...], rows: list[int]) -> tuple[Any, ...]:
    return tuple(values[row] for row in rows)
