"""Examples of a real set as a monitor sees them: features, facts and columns, computed once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import headstart
from headstart import bundle
from headstart.core.table import Table
from headstart.data.read import read
from headstart.features.through_bundle import through
from headstart.monitoring.observer import Observer

LARGE, OF_EACH = 8000, 15  # rows from which on a table is large, and rows of each class that are taken then
UNKNOWN = -1  # class of an example from another domain


@dataclass(frozen=True)
class Rows:
    """n examples.

    Attributes:
        truth: ``(n,)`` class numbers.
        features: ``(n, D)`` of the network; None for plain columns.
        facts: ``(n,)`` by name.
        table: Plain columns.
    """

    truth: Any
    features: Any
    facts: dict[str, Any]
    table: Table

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Any) -> Rows:
        """Some of them, by an index array or slice."""
        features = None if self.features is None else self.features[rows]
        facts = {name: values[rows] for name, values in self.facts.items()}
        index = np.arange(len(self))[rows]
        table = self.table.take(index) if self.table.columns else self.table
        return Rows(self.truth[rows], features, facts, table)

    def joined(self, other: Rows) -> Rows:
        """Both, without plain columns."""
        features = np.concatenate([self.features, other.features])
        facts = {name: np.concatenate([values, other.facts[name]]) for name, values in self.facts.items()}
        return Rows(np.concatenate([self.truth, other.truth]), features, facts, Table())


def few_of(data: Path) -> Any:
    """A set; of a large table some rows of each class: its run gives a network and a preparation, no more."""
    import pandas

    table = data / "train.csv"
    if not table.exists() or len(frame := pandas.read_csv(table)) <= LARGE:
        return data
    return frame.groupby("label").head(OF_EACH)


class Reader:
    """A run of Headstart on a set, whose network and preparation every example goes through.

    Args:
        data: What it is fitted on.
        work: Folder for the run and for what is kept.
        name: Of the set.
    """

    def __init__(self, data: Path, work: Path, name: str) -> None:
        self._work, self._name = work, name
        run = work / name
        if not (run / "report.html").exists():
            headstart.fit(few_of(data), method="linear_probe", out=run)
        self.shipped = bundle.read(run)
        self.class_names = self.shipped.class_names

    def rows(self, source: Any, kept_as: str, corruption: Any = None) -> Rows:
        """Of a source, or of that source corrupted: ``(name, corruption, strength)``."""
        place = self._work / f"{self._name}-{kept_as}.npz"
        dataset = read(source, schema=self.shipped.schema, to_learn=False, allow_bad=1.0).dataset
        index = {name: number for number, name in enumerate(self.class_names)}
        truth = np.array([index.get(str(target), UNKNOWN) for target in dataset.targets])
        if not dataset.parts:
            return Rows(truth, None, {}, dataset.table)
        if place.exists():
            kept = np.load(place)
            facts = {name[6:]: kept[name] for name in kept.files if name.startswith("facts.")}
            return Rows(truth, kept["features"], facts, Table())
        features, facts = self._looked_at(dataset, corruption)
        np.savez(place, features=features, **{f"facts.{name}": values for name, values in facts.items()})
        return Rows(truth, features, facts, Table())

    def _looked_at(self, dataset: Any, corruption: Any) -> tuple[Any, dict[str, Any]]:
        predictor = self.shipped.predictor(threads=1)
        observer = Observer(self.shipped, predictor)
        inputs = dataset.parts[0].inputs
        if corruption is not None:
            from headstart.data.corruptions.contract import Corrupted

            name, worse, strength = corruption
            inputs = Corrupted(inputs, worse, strength, name)
        chunk = _Chunk([_Part(inputs)], Table(), len(dataset))
        ((_, found),) = through(predictor, [chunk], workers=1, keep_features=True)
        assert len(found.rows) == len(dataset)
        contents = [[inputs.read(row) for row in range(len(dataset))]]
        facts: list[dict[str, Any]] = []
        for row in range(len(dataset)):
            one = [[contents[0][row]]]
            facts.append(observer.facts(one, observer.prepared_anew(one)))
        return found.features, {name: np.array([each[name][0] for each in facts]) for name in facts[0]}


@dataclass(frozen=True)
class _Part:
    inputs: Any


@dataclass(frozen=True)
class _Chunk:
    parts: Sequence[_Part]
    table: Table
    count: int

    def __len__(self) -> int:
        return self.count
