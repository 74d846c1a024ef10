"""Changes that are planted: corrupted inputs, other shares of classes, inputs of another set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from alarms.rows import Reader, Rows
from headstart.core.table import Column, Table
from headstart.data.corruptions.contract import corruptions_of

Draw = Callable[[int, np.random.Generator], Rows]  # a window of n examples, of fewer where there are no more


def drawn(pool: Rows) -> Draw:
    """Windows without replacement from a pool."""
    return lambda n, rng: pool.take(rng.choice(len(pool), min(n, len(pool)), replace=False))


def tilted(pool: Rows, factor: float) -> Draw:
    """Windows in which the classes of even number come ``factor`` times as often, drawn with replacement."""
    weights = np.where(pool.truth % 2 == 0, factor, 1.0)
    return lambda n, rng: pool.take(rng.choice(len(pool), n, p=weights / weights.sum()))


def mixed(pool: Rows, other: Rows, share: float) -> Draw:
    """Windows with a share of examples of another set, drawn with replacement."""

    def draw(n: int, rng: np.random.Generator) -> Rows:
        strange = int(rng.binomial(n, share))
        return pool.take(rng.choice(len(pool), n - strange)).joined(other.take(rng.choice(len(other), strange)))

    return draw


def corrupted(reader: Reader, source: Any, modality: str, tested: Any, first: int) -> dict[str, Draw]:
    """Every corruption at its middle strength, of examples that the model did not learn from.

    Args:
        reader: Of the set.
        source: The given test part.
        modality: Of the inputs.
        tested: Places in the pool of examples that the model did not learn from.
        first: Where the given test part begins in the pool.
    """
    found = {}
    for name, corruption in corruptions_of(modality).items():
        strength = corruption.strengths[len(corruption.strengths) // 2]
        rows = reader.rows(source, f"test-{name}-{strength:g}", (name, corruption, strength))
        pool = rows.take(tested[(tested >= first) & (tested < first + len(rows))] - first)
        found[f"{name} {strength:g} {corruption.unit}"] = drawn(pool)
    return found


def changed_columns(pool: Rows, changes: dict[str, Callable[[Table], Table]]) -> dict[str, Draw]:
    """Columns that are written otherwise."""
    return {name: drawn(Rows(pool.truth, None, {}, change(pool.table))) for name, change in changes.items()}


def scaled(column: str, factor: float) -> Callable[[Table], Table]:
    """A number in another unit."""
    return lambda table: _with(table, column, table.columns[column].values * factor)


def missing(column: str, share: float) -> Callable[[Table], Table]:
    """A column that is not filled in any more in a share of the rows."""

    def change(table: Table) -> Table:
        values = table.columns[column].values.copy()
        gone = np.random.default_rng(0).random(len(values)) < share
        values[gone] = None if table.columns[column].kind == "category" else np.nan
        return _with(table, column, values)

    return change


def renamed(column: str, old: str, new: str) -> Callable[[Table], Table]:
    """A category that is called otherwise."""

    def change(table: Table) -> Table:
        values = table.columns[column].values
        return _with(table, column, np.where(values == old, new, values).astype(object))

    return change


def _with(table: Table, name: str, values: Any) -> Table:
    column = table.columns[name]
    return Table({**table.columns, name: Column(column.kind, values, column.spelling)})


def texts_of(folder: Path) -> Any:
    """The test part of a set of texts, of the columns that the model reads."""
    import pandas

    frame = pandas.read_csv(folder / "test.csv" if (folder / "test.csv").exists() else folder / "train.csv")
    return frame
