"""What regret is measured on: sets with at least 300 test examples, another draw of the training part for each seed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import splits
from .tuning_sets import SUBJECTS, Subject

TARGET = "label"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """Rows of plain columns, pooled and drawn anew for each seed.

    Attributes:
        name: In the records, and the folder in DATA.
        train, test: Rows of each part, in about the proportions of the classes in the whole.
    """

    name: str
    train: int
    test: int
    kind: str = "table"

    def folder(self, data: Path, work: Path, split: int) -> Path:
        """A folder with train.csv and test.csv, written on the first call; complete when it appears."""
        folder = work / "splits" / f"{self.name}_{self.train}_{self.test}" / str(split)
        if not folder.is_dir():
            rows = [row for part in ("train", "test") for row in _rows(data / self.name / f"{part}.csv")]
            test, train = drawn([row[TARGET] for row in rows], (self.test, self.train), split)
            partial = folder.with_name(f".{split}.partial")
            partial.mkdir(parents=True, exist_ok=True)
            _write(partial / "train.csv", [rows[number] for number in train])
            _write(partial / "test.csv", [rows[number] for number in test])
            partial.rename(folder)
        return folder


def drawn(labels: Sequence[str], sizes: Sequence[int], seed: int) -> list[list[int]]:
    """Disjoint parts of about these sizes, each with the share of every class that the whole has; row numbers, sorted.

    >>> [len(part) for part in drawn(["a"] * 8 + ["b"] * 4, (3, 6), seed=0)]
    [3, 6]
    """
    rows: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        rows.setdefault(label, []).append(number)
    names = {label: [str(number) for number in numbers] for label, numbers in rows.items()}
    found = []
    for size in sizes:
        counts = {label: round(size * len(rows[label]) / len(labels)) for label in rows}
        part = splits.stratified(names, counts, seed)
        names = {label: [name for name in names[label] if name not in part[label]] for label in names}
        found.append(sorted(int(name) for each in part.values() for name in each))
    return found


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


SETS: dict[str, Subject | Table] = {
    **{name: SUBJECTS[name] for name in ("clothing_small", "cifar10_50", "banking77_8", "trec_8")},
    **{each.name: each for each in (Table("telco_churn", 1000, 2000), Table("adult_income", 1000, 2000))},
}
