"""What every reader of a source gives back: rows as the source has them, nothing opened yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headstart.data.inputs import Files, Inputs, Joined, take

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
        targets: N class names; None where the source has none.
        split: N of "train", "val", "test", "".
        name: What to call the source.
        columns: Further columns, N values each, None where a row has none.
        notes: What was understood and why, sentences for people.
    """

    inputs: Inputs
    ids: tuple[str, ...]
    targets: tuple[str | None, ...]
    split: tuple[str, ...]
    name: str
    columns: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

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


def joined(listings: Iterable[Listing]) -> Listing:
    """One listing after the other, with the name of the first; a column that one lacks is None there."""
    first, *rest = listings
    for other in rest:
        names = [*first.columns, *(name for name in other.columns if name not in first.columns)]
        first = Listing(
            inputs=_joined_inputs(first.inputs, other.inputs),
            ids=first.ids + other.ids,
            targets=first.targets + other.targets,
            split=first.split + other.split,
            name=first.name,
            columns={
                name: first.columns.get(name, (None,) * len(first)) + other.columns.get(name, (None,) * len(other))
                for name in names
            },
            notes=first.notes + other.notes,
        )
    return first


def _joined_inputs(first: Inputs, second: Inputs) -> Inputs:
    if isinstance(first, Files) and isinstance(second, Files):
        return Files((*first.paths, *second.paths))
    return Joined(first, second)


def _pick(values: tuple[Any, ...], rows: list[int]) -> tuple[Any, ...]:
    return tuple(values[row] for row in rows)
