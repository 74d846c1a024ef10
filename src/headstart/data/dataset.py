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
from headstart.data.class_names import order
from headstart.data.inputs import Inputs, take


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """N examples without targets.

    Attributes:
        inputs: Lazy encoded inputs.
        ids: Unique names, POSIX paths relative to the source where there are paths; Unicode NFC.
        keys: ``(N, 32)`` uint8, sha256 of each input's bytes.
        sizes: ``(N, 2)`` int64, height and width in pixels, after the EXIF orientation.
        name: What to call the whole.
        modality: "image".
    """

    inputs: Inputs
    ids: tuple[str, ...]
    keys: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    name: str
    modality: str = "image"

    def __post_init__(self) -> None:
        for what in dataclasses.fields(self):
            if what.name in {"name", "modality"}:
                continue
            self._require_n(what.name, getattr(self, what.name))

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[Any]) -> Self:
        """The examples of some rows (an index array or a boolean mask), in that order."""
        index = np.arange(len(self))[rows]
        taken = {f.name: self._take(getattr(self, f.name), index) for f in dataclasses.fields(self)}
        return dataclasses.replace(self, **taken)

    @cached_property
    def fingerprint(self) -> str:
        """Hex sha256 of everything an example holds, of all examples; their order does not count."""
        digest = hashlib.sha256()
        for row in np.argsort(np.asarray(self.ids, dtype=object), kind="stable"):
            digest.update("\x1f".join(self._record(int(row))).encode() + b"\x1e")
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
        if isinstance(value, tuple):
            return tuple(value[i] for i in index)
        if isinstance(value, Mapping):
            return {name: column[index] for name, column in value.items()}
        return value if value is None or isinstance(value, str) else take(value, index)


@dataclass(frozen=True, eq=False, kw_only=True)
class LabeledDataset(Dataset):
    """N examples with targets.

    Attributes:
        targets: ``(N,)`` objects: class names, str in Unicode NFC.
        split: ``(N,)`` objects: "train", "val", "test", or "" where the source says nothing.
        groups: ``(N,)`` objects: rows with equal values stay together; None marks a row without a group. The whole
            is None where no groups were asked for.
        slices: By column name, ``(N,)`` objects: for reporting by group; never touches a split.
    """

    targets: NDArray[np.object_]
    split: NDArray[np.object_]
    groups: NDArray[np.object_] | None = None
    slices: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names that occur: numeric order if all are numbers, else by code point."""
        return order(self.targets.tolist())

    def without_targets(self) -> Dataset:
        """The same examples, as a Dataset that holds no targets."""
        return Dataset(**{f.name: getattr(self, f.name) for f in dataclasses.fields(Dataset)})

    def _record(self, row: int) -> list[str]:
        further = [self.targets[row], self.split[row], *([self.groups[row]] if self.groups is not None else [])]
        return [*super()._record(row), *(str(value) for value in further)]
