"""Splits of a table that every tool reads as they are: ``WORK/splits/SET/NUMBER/train.csv|test.csv``."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from .splits import stratified

TEST_FRACTION = 0.3  # of every class, where a set has no test part of its own
TARGET = "label"


def table_folder(data: Path, work: Path, name: str, number: int) -> Path:
    """The folder of split ``number`` of a set, written on the first call.

    Split 0 is the set's own where it has one. Others pool all rows and draw as many test rows of each class as the
    set's own split has, else TEST_FRACTION of them. Cells are copied as they are.
    """
    source, folder = data / name, work / "splits" / name / str(number)
    if folder.is_dir():
        return folder
    header, train = _read(source / "train.csv")
    own = _read(source / "test.csv")[1] if (source / "test.csv").is_file() else []
    if not own or number > 0:
        rows, column = train + own, header.index(TARGET)
        chosen = test_rows([row[column] for row in rows], [row[column] for row in own], seed=number)
        train = [row for place, row in enumerate(rows) if place not in chosen]
        own = [row for place, row in enumerate(rows) if place in chosen]
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _write(partial / "train.csv", header, train)
    _write(partial / "test.csv", header, own)
    partial.rename(folder)
    return folder


def test_rows(labels: Sequence[str], own: Sequence[str], seed: int) -> set[int]:
    """Places of the rows of the test part.

    Args:
        labels: Of all rows.
        own: Of the set's own test part, whose numbers by class are kept; empty: TEST_FRACTION of every class.
        seed: Decides which.

    >>> rows = test_rows(["a"] * 10 + ["b"] * 20, [], seed=0)
    >>> sum(row < 10 for row in rows), sum(row >= 10 for row in rows)
    (3, 6)
    """
    width = len(str(len(labels)))  # names in the order of the rows
    classes: dict[str, list[str]] = {}
    for place, label in enumerate(labels):
        classes.setdefault(label, []).append(f"{place:0{width}}")
    counts = {name: own.count(name) if own else round(TEST_FRACTION * len(rows)) for name, rows in classes.items()}
    return {int(row) for rows in stratified(classes, counts, seed).values() for row in rows}


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    return header, rows


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
