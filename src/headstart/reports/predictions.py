"""predictions/test.parquet as the report shows it: one row for each test example, the most telling first.

Read in parts, and of the probabilities only that of the answer is kept: a file with a thousand classes would not fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from headstart.core.errors import IntegrityError
from headstart.reports.names import shorten
from headstart.reports.showable import showable

ROWS_AT_ONCE = 4096
SLICE = "slice_"  # before the name of a column to report by
PROBABILITY = "probability_"  # before the name of a class
FLAGS = ("abstain", "out_of_domain")
BOUNDS = ("low", "high")  # of the interval of a number
LONGEST_NAME = 120  # characters


@dataclass(frozen=True)
class Predictions:
    """Columns of equal length N.

    Attributes:
        kind: "class" (grades too), "labels" or "number".
        ids: Names of the examples.
        targets: Texts, for numbers floats.
        said: The same of the predictions.
        sure: Probabilities of the answers, 0-1; empty where there are none.
        flags: Whether it abstained ("abstain"), the input is unlike those learned from ("out_of_domain"), and the
            interval of a number misses the target ("missed"); those that are known.
        groups: Columns that were reported by, by their names; None for an empty cell.
    """

    kind: str
    ids: list[str]
    targets: list[Any]
    said: list[Any]
    sure: list[float] = field(default_factory=list)
    flags: Mapping[str, list[bool]] = field(default_factory=dict)
    groups: Mapping[str, list[str | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def is_right(self, row: int) -> bool:
        """Whether the answer is the target; of label sets, whether all labels are."""
        if self.kind == "labels":
            return set(self.targets[row].split("|")) == set(self.said[row].split("|"))
        return bool(self.targets[row] == self.said[row])

    def telling(self) -> list[int]:
        """Rows, the most telling first.

        Numbers: the largest errors first. Else mistakes, of which the surest first, then right answers, of which the
        least sure first. What is equally telling stays in the order of the file.
        """
        if self.kind == "number":
            return sorted(range(len(self)), key=lambda row: -self.error_size(row))
        right = [self.is_right(row) for row in range(len(self))]
        sure = self.sure or [0.0] * len(self)
        return sorted(range(len(self)), key=lambda row: (right[row], sure[row] if right[row] else -sure[row]))

    def error_size(self, row: int) -> float:
        """How far a predicted number is off; infinite where one of both is no number."""
        difference = self.said[row] - self.targets[row]
        return abs(difference) if math.isfinite(difference) else math.inf

    def take(self, rows: Sequence[int]) -> Predictions:
        """Some rows, in this order."""

        def taken(values: list[Any]) -> list[Any]:
            return [values[row] for row in rows]

        return Predictions(
            self.kind,
            taken(self.ids),
            taken(self.targets),
            taken(self.said),
            taken(self.sure) if self.sure else [],
            {name: taken(values) for name, values in self.flags.items()},
            {name: taken(values) for name, values in self.groups.items()},
        )


def read_predictions(path: Path, task_kind: str) -> Predictions | None:
    """The file of a run; None where there is none.

    Args:
        path: predictions/test.parquet.
        task_kind: "multilabel" for sets of labels; anything else is seen from the file.

    Raises:
        IntegrityError: it cannot be read, or lacks a column.
    """
    if not path.exists():
        return None
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            if missing := [name for name in ("id", "target", "prediction") if name not in schema.names]:
                raise IntegrityError(f"{path.name} must have a column {missing[0]!r}; it has none.")
            told = schema.field("prediction").type
            is_number = pyarrow.types.is_floating(told) or pyarrow.types.is_integer(told)
            kind = "number" if is_number else "labels" if task_kind == "multilabel" else "class"
            wanted = [name for name in schema.names if _is_wanted(kind, name)]
            parts = [_part(kind, batch) for batch in file.iter_batches(ROWS_AT_ONCE, columns=wanted)]
    except (OSError, pyarrow.ArrowException) as error:
        raise IntegrityError(f"{path.name} must be a Parquet file; it cannot be read ({error}).") from None
    return _joined(kind, parts)


def _is_wanted(kind: str, name: str) -> bool:
    if name in ("id", "target", "prediction", *FLAGS) or name.startswith(SLICE):
        return True
    return name.startswith(PROBABILITY) if kind == "class" else kind == "number" and name in BOUNDS


def _part(kind: str, batch: Any) -> Predictions:
    """Some rows of the file."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names if not name.startswith(PROBABILITY)}
    read = _as_number if kind == "number" else _as_text
    part = Predictions(
        kind,
        [shorten(_as_text(each), LONGEST_NAME) for each in columns["id"]],
        [read(each) for each in columns["target"]],
        [read(each) for each in columns["prediction"]],
        _sureness(columns["prediction"], batch) if kind == "class" else [],
        {name: [bool(each) for each in columns[name]] for name in FLAGS if name in columns},
        {
            name.removeprefix(SLICE): [None if each is None else _as_text(each) for each in values]
            for name, values in columns.items()
            if name.startswith(SLICE)
        },
    )
    if set(BOUNDS) <= columns.keys():
        ends = zip(columns["low"], part.targets, columns["high"], strict=True)
        missed = [target < _as_number(low) or target > _as_number(high) for low, target, high in ends]
        return replace(part, flags={**part.flags, "missed": missed})
    return part


def _sureness(said: Sequence[str], batch: Any) -> list[float]:
    """The probability of each answer; empty where one is not known."""
    names = {f"{PROBABILITY}{name}": name for name in set(said)}
    if not names.keys() <= set(batch.schema.names):
        return []
    of_class = {name: batch.column(column).to_pylist() for column, name in names.items()}
    found = [of_class[name][row] for row, name in enumerate(said)]
    return [] if None in found else found


def _joined(kind: str, parts: Sequence[Predictions]) -> Predictions:
    if not parts:
        return Predictions(kind, [], [], [])

    def chained(values: Iterable[list[Any]]) -> list[Any]:
        return [each for some in values for each in some]

    first = parts[0]
    is_sure = all(part.sure for part in parts)
    return Predictions(
        kind,
        chained(part.ids for part in parts),
        chained(part.targets for part in parts),
        chained(part.said for part in parts),
        chained(part.sure for part in parts) if is_sure else [],
        {name: chained(part.flags[name] for part in parts) for name in first.flags},
        {name: chained(part.groups[name] for part in parts) for name in first.groups},
    )


def _as_text(value: Any) -> str:
    return str(showable(str(value)))


def _as_number(value: Any) -> float:
    """NaN where it is no number."""
    return float(value) if isinstance(value, int | float) else math.nan
