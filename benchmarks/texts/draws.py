"""Draws of a few examples per class, the same for every tool: what they are measured on is decided here alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

PER_CLASS = 8
DRAWS = 5


def read_csv(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels of a CSV with the columns text and label."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def draw(labels: list[str], seed: int, per_class: int = PER_CLASS) -> list[int]:
    """Row numbers: ``per_class`` of each class without replacement, by the seed alone."""
    rng = np.random.default_rng(seed)
    values = np.array(labels)
    rows = [rng.choice(np.flatnonzero(values == name), per_class, replace=False) for name in sorted(set(labels))]
    return sorted(np.concatenate(rows).tolist())


def write_draw(data: Path, place: Path, seed: int, per_class: int | None = PER_CLASS) -> Path:
    """A folder with train.csv (the draw; None: all of it) and test.csv (the whole test split of ``data``)."""
    texts, labels = read_csv(data / "train.csv")
    place.mkdir(parents=True, exist_ok=True)
    rows = range(len(labels)) if per_class is None else draw(labels, seed, per_class)
    _write(place / "train.csv", [(texts[row], labels[row]) for row in rows])
    _write(place / "test.csv", list(zip(*read_csv(data / "test.csv"), strict=True)))
    return place


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows(rows)
