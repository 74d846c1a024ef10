"""What a finished run says of its test examples, read back from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import read
from headstart.core.errors import ConfigError, IntegrityError
from headstart.core.learning import Floats, Targets, Task
from headstart.core.run_folder import RunFolder
from headstart.evidence.prediction_columns import SLICE

FOLD = "fold"  # column of held_out.parquet: in which fold an example was held out
TINY = 1e-300  # a probability that a file rounded to 0


@dataclass(frozen=True)
class RunAnswers:
    """A run's test, in the order of its file.

    Attributes:
        name: Of the run folder.
        task: As it shipped.
        ids: ``(N,)`` of the examples.
        targets: Of them.
        outputs: ``(N, W)`` whose probabilities, or numbers, are those of the file.
        said: ``(N,)`` predictions in words.
        truth: ``(N,)`` targets in words.
        slices: Columns to report by, ``(N,)`` each.
    """

    name: str
    task: Task
    ids: NDArray[np.object_]
    targets: Targets
    outputs: Floats
    said: NDArray[np.object_]
    truth: NDArray[np.object_]
    slices: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def take(self, rows: NDArray[np.int64]) -> RunAnswers:
        """Some of the examples, in the order of ``rows``."""
        slices = {name: values[rows] for name, values in self.slices.items()}
        return RunAnswers(
            self.name, self.task, self.ids[rows], self.targets.take(rows), self.outputs[rows], self.said[rows],
            self.truth[rows], slices,
        )  # fmt: skip


def read_run_answers(run: Path) -> RunAnswers:
    """Of a finished run.

    Raises:
        ConfigError: no finished run is there.
        IntegrityError: its files are damaged.
    """
    return _answers(run, RunFolder(run).predictions)


def read_column(place: Path, name: str) -> list[Any]:
    """One column of a table of answers; raises IntegrityError where it is missing."""
    columns = _table(place.parent.parent, place)
    if name not in columns:
        raise IntegrityError(f"{place} must have a column {name!r}; it has none.")
    return columns[name]


def read_held_out(run: Path) -> RunAnswers:
    """What a finished run said of training examples while it did not see them; raises as :func:`read_run_answers`."""
    return _answers(run, RunFolder(run).held_out)


def _answers(run: Path, place: Path) -> RunAnswers:
    table = _table(run, place)
    task = read(run).task()
    columns = {name: np.array(values, dtype=object) for name, values in table.items()}
    missing = {"id", "target", "prediction"} - columns.keys()
    if missing:
        raise IntegrityError(f"{place} must have a column {sorted(missing)[0]!r}; it has none.")
    return RunAnswers(
        name=run.resolve().name,
        task=task,
        ids=columns["id"],
        targets=task.encode(columns["target"]),
        outputs=_outputs(task, columns),
        said=columns["prediction"],
        truth=columns["target"],
        slices={name.removeprefix(SLICE): values for name, values in columns.items() if name.startswith(SLICE)},
    )


def read_rows(run: Path) -> list[dict[str, Any]]:
    """Rows of a finished run's predictions/test.parquet, as :func:`read_run_answers` finds them."""
    table = _table(run, RunFolder(run).predictions)
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


def _table(run: Path, place: Path) -> dict[str, list[Any]]:
    if not place.is_file():
        raise ConfigError(f"a finished run must be named; {run} has no predictions/{place.name}. Name a run folder.")
    import pyarrow
    import pyarrow.parquet

    try:
        columns: dict[str, list[Any]] = pyarrow.parquet.read_table(place).to_pydict()
    except (OSError, pyarrow.ArrowException) as error:
        raise IntegrityError(f"{place} must be a Parquet file; it cannot be read ({error}).") from None
    return columns


def _outputs(task: Task, columns: Mapping[str, NDArray[Any]]) -> Floats:
    if task.kind == "real":
        return np.asarray(task.encode(columns["prediction"]).values, dtype=np.float64)[:, None]
    p = np.stack([columns[f"probability_{name}"].astype(np.float64) for name in task.class_names], axis=1)
    logs = np.log(np.maximum(p, TINY))
    return logs if task.kind != "multilabel" else logs - np.log(np.maximum(1 - p, TINY))
