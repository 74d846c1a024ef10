"""Examples: immutable, with lazy inputs."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.schema import ColumnSchema, InputSchema
from headstart.core.table import Table
from headstart.data.part import Part

NO_TABLE = Table()


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """N examples without targets. An example is one or more inputs (a picture, a text), plain columns, or both.

    Attributes:
        parts: What networks see, one part per input; empty for a table of plain columns.
        table: Plain columns; without any where there are none.
        ids: Unique names, POSIX paths relative to the source where there are paths; Unicode NFC.
        name: What to call the whole.
    """

    parts: tuple[Part, ...]
    ids: tuple[str, ...]
    name: str
    table: Table = NO_TABLE

    def __post_init__(self) -> None:
        for what in dataclasses.fields(self):
            if what.name not in {"name", "parts", "table"}:
                self._require_n(what.name, getattr(self, what.name))
        for part in self.parts:
            self._require_n(f"the part {part.schema.name}", part)
        if self.table.columns:
            self._require_n("table", self.table)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def schema(self) -> InputSchema:
        """What an example consists of."""
        columns = tuple(
            ColumnSchema(name=name, kind=column.kind, spelling=column.spelling)
            for name, column in self.table.columns.items()
        )
        return InputSchema(parts=tuple(part.schema for part in self.parts), columns=columns)

    @property
    def modality(self) -> str:
        """The modality of the only part, else "table"."""
        return self.schema.modality

    @cached_property
    def keys(self) -> NDArray[np.uint8]:
        """``(N, 32)`` uint8: sha256 over everything that an example's inputs and columns hold."""
        if len(self.parts) == 1 and not self.table.columns:
            return self.parts[0].keys
        keys = np.empty((len(self), 32), np.uint8)
        for row in range(len(self)):
            digest = hashlib.sha256(b"".join(part.keys[row].tobytes() for part in self.parts))
            if self.table.columns:
                digest.update(self.table.row_bytes(row))
            keys[row] = np.frombuffer(digest.digest(), np.uint8)
        return keys

    def take(self, rows: NDArray[Any]) -> Self:
        """The examples of some rows, an index array ``(n,)``, in that order, or a boolean mask ``(N,)``."""
        index = np.arange(len(self))[rows]
        taken = {f.name: self._take(getattr(self, f.name), index) for f in dataclasses.fields(self)}
        return dataclasses.replace(self, **taken)

    @cached_property
    def fingerprint(self) -> str:
        """Hex sha256 of everything an example holds, of all examples; their order does not count."""
        digest = hashlib.sha256()
        for row in np.argsort(np.asarray(self.ids, dtype=object), kind="stable"):
            digest.update("\x1f".join(self._record(int(row))).encode("utf-8", "surrogatepass") + b"\x1e")
        return digest.hexdigest()

    def _record(self, row: int) -> list[str]:
        return [self.ids[row], self.keys[row].tobytes().hex()]

    def _require_n(self, what: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, column in value.items():
                self._require_n(f"{what}[{name!r}]", column)
        elif value is not None and len(value) != len(self.ids):
            raise ShapeError(f"{what} must have one entry per example, {len(self.ids)}; got {len(value)}.")

    def _take(self, value: Any, index: NDArray[np.int64]) -> Any:
        if isinstance(value, np.ndarray):
            return value[index]
        if isinstance(value, Table):
            return value.take(index)
        if isinstance(value, tuple) and value and isinstance(value[0], Part):
            return tuple(part.take(index) for part in value)
        if isinstance(value, tuple):
            return tuple(value[i] for i in index) if len(value) == len(self) else value
        if isinstance(value, Mapping):
            return {name: column[index] for name, column in value.items()}
        return value


@dataclass(frozen=True, eq=False, kw_only=True)
class LabeledDataset(Dataset):
    """N examples with targets.

    Attributes:
        targets: ``(N,)`` objects: what was written, as str in Unicode NFC; a set of labels as a JSON list of sorted
            names. What they mean is the task's business.
        split: ``(N,)`` objects: "train", "val", "test", or "" where the source says nothing.
        groups: ``(N,)`` objects: rows with equal values stay together; None marks a row without a group. The whole
            is None where no groups were asked for.
        slices: By column name, ``(N,)`` objects: for reporting by group; never touches a split.
    """

    targets: NDArray[np.object_]
    split: NDArray[np.object_]
    groups: NDArray[np.object_] | None = None
    slices: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    def without_targets(self) -> Dataset:
        """The same examples, as a Dataset that holds no targets."""
        return Dataset(**{f.name: getattr(self, f.name) for f in dataclasses.fields(Dataset)})

    def _record(self, row: int) -> list[str]:
        further = [self.targets[row], self.split[row], *([self.groups[row]] if self.groups is not None else [])]
        return [*super()._record(row), *(str(value) for value in further)]
