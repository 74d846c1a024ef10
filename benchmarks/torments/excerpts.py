"""Small parts of the sets, so that a run takes seconds; where a set has no target that Headstart knows, one is made."""

from __future__ import annotations

import csv
import random
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CLASSES, TRAIN_FILES, TEST_FILES = 3, 10, 4
MOST_CLASSES, TRAIN_ROWS, TEST_ROWS = 4, 60, 24
SHORT = 300  # characters of an abstract
SEED = 0
Row = dict[str, str]


@dataclass(frozen=True)
class Subject:
    """How a set is asked for."""

    name: str
    kind: str  # "folders" or "table"
    target: str = "label"
    options: tuple[str, ...] = ()  # of verbs that read labelled data
    tables: tuple[tuple[str, str], ...] = (("train.csv", "train.csv"), ("test.csv", "test.csv"))  # from, to
    folders: tuple[tuple[str, str], ...] = (("train", "train"), ("test", "test"))
    is_number: bool = False

    def new_inputs(self, folder: Path) -> Path:
        """What ``predict`` is given."""
        tables = [folder / name for name in ("test.csv", "boxes.csv", "train.csv", "data.csv")]
        return next((path for path in tables if path.exists()), folder) if self.kind == "table" else folder


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject("adult_income", "table"),
        Subject("ai4i2020_machine_failure", "table"),
        Subject("banking77", "table"),
        Subject(
            "bccd_blood_cells",
            "table",
            options=("--input", "file", "--id", "file", "--target", "label"),
            tables=(("boxes.csv", "boxes.csv"),),
        ),
        Subject("brain_mri_tumor", "folders"),
        Subject("cifar10_small", "folders"),
        Subject("clothing_small", "folders"),
        Subject("customer_support_intents", "table", options=("--input", "text")),
        Subject(
            "dialogue_slots_homes_buses",
            "table",
            "slot",
            ("--input", "text", "--target", "slot"),
            (("Buses_1/train.csv", "train.csv"), ("Buses_1/test.csv", "test.csv")),
        ),
        Subject("esol_solubility", "table", "target", is_number=True),
        Subject("german_credit", "table"),
        Subject("magnetic_tile", "folders"),
        Subject("magnetic_tile_seg", "folders", folders=(("", "train"),)),
        Subject(
            "monthly_sales_series",
            "table",
            "value",
            ("--target", "value"),
            (("data.csv", "data.csv"),),
            is_number=True,
        ),
        Subject(
            "nlupp_banking_hotels",
            "table",
            "labels",
            ("--target", "labels", "--input", "text"),
            (("banking/data.csv", "data.csv"),),
            is_number=True,  # sets of labels: drawn without regard to them
        ),
        Subject("office10_amazon_webcam", "folders", folders=(("webcam", "train"), ("amazon", "test"))),
        Subject("scitldr_summaries", "table", "words", ("--target", "words", "--input", "text"), is_number=True),
        Subject("spoken_digits", "folders"),
        Subject("telco_churn", "table"),
        Subject("trec", "table"),
    )
}


def excerpt(subject: Subject, data: Path, out: Path) -> Path:
    """The part of ``data/NAME`` that the runs share, made once."""
    if out.exists():
        return out
    building = out.with_name(out.name + ".new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    source = data / subject.name
    if subject.kind == "table":
        kept = _commonest(_rows(source / subject.tables[0][0], subject), subject)
        for number, (name, to) in enumerate(subject.tables):
            if (source / name).exists():
                rows = _rows(source / name, subject)
                write_rows(building / to, _draw(rows, subject, kept, TEST_ROWS if number else TRAIN_ROWS))
        if (source / "images").exists():
            _copy_named(source / "images", building)
    else:
        for name, to in subject.folders:
            _copy_classes(source / name, building / to, TRAIN_FILES if to == "train" else TEST_FILES)
        if (source / "metadata.csv").exists():
            shutil.copyfile(source / "metadata.csv", building / "metadata.csv")
    building.rename(out)
    return out


def read_rows(path: Path) -> list[Row]:
    """Of a table with a header."""
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: Iterable[Row], encoding: str = "utf-8") -> None:
    """As CSV."""
    rows = list(rows)
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _rows(path: Path, subject: Subject) -> list[Row]:
    rows = read_rows(path)
    if subject.name == "scitldr_summaries":  # a number that can be told from the text, for want of a target
        rows = [{"text": row["text"][:SHORT], "words": str(len(row["summary"].split()))} for row in rows]
    return [row for row in rows if row[subject.target]]


def _commonest(rows: list[Row], subject: Subject) -> list[str]:
    """Classes with the most rows."""
    found = Counter(row[subject.target] for row in rows)
    return sorted(found, key=lambda name: (-found[name], name))[:MOST_CLASSES]


def _draw(rows: list[Row], subject: Subject, kept: list[str], count: int) -> list[Row]:
    """Of each of the classes that are kept as many; of numbers any."""
    rng = random.Random(SEED)
    if subject.is_number:
        return rng.sample(rows, min(count, len(rows)))
    each = -(-count // len(kept))
    drawn = [row for name in kept for row in [row for row in rows if row[subject.target] == name][:each]]
    rng.shuffle(drawn)
    return drawn


def _copy_named(images: Path, to: Path) -> None:
    """The pictures that the excerpt's table names."""
    (to / "images").mkdir()
    for name in {row["file"] for row in read_rows(to / "boxes.csv")}:
        shutil.copyfile(images / Path(name).name, to / "images" / Path(name).name)


def _copy_classes(source: Path, to: Path, count: int) -> None:
    if not source.exists():
        return
    for folder in sorted(path for path in source.iterdir() if path.is_dir())[:CLASSES]:
        (to / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:count]:
            shutil.copyfile(path, to / folder.name / path.name)
