"""One example as a bundle's sources take it, and changed versions of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headstart.core.modality import Array
from headstart.core.table import Table

if TYPE_CHECKING:
    from headstart.bundle import Predictor


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        prepared: For each of the predictor's passes the prepared input, of any shape.
        contents: The bytes of its inputs, by part.
        table: Its plain columns, one row.
    """

    prepared: tuple[Array, ...]
    contents: Mapping[int, bytes] = field(default_factory=dict)
    table: Table = field(default_factory=Table)


@dataclass(frozen=True)
class Changed:
    """n versions of one example, each with other units taken away.

    Attributes:
        prepared: For each pass ``(n, ...)``.
        contents: By part, n of them.
        table: n rows.
    """

    prepared: tuple[Array, ...]
    contents: Mapping[int, Sequence[bytes]] = field(default_factory=dict)
    table: Table = field(default_factory=Table)


def read_example(predictor: Predictor, parts: Sequence[Any], table: Table, row: int) -> Example:
    """Read and prepare one example of a chunk.

    Args:
        predictor: Of the bundle.
        parts: With lazy ``inputs`` each.
        table: Plain columns of the chunk.
        row: Its place.

    Raises:
        DataError, OSError: an input cannot be read or prepared; the message is the reason.
    """
    from headstart.data.modalities import modality

    contents = {}
    for number, part in enumerate(parts):
        contents[number] = part.inputs.read(row)
        modality(part.schema.modality).look(contents[number])
    prepared = tuple(over.preparer.prepare(contents[over.part]) for over in predictor.passes)
    return Example(prepared, contents, table.take(_one(row)) if table.columns else table)


def _one(row: int) -> Array:
    import numpy as np

    return np.array([row], dtype=np.int64)
