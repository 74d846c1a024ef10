"""Sets as lists of examples, read from the shared folders and written as a user would have them."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["pictures", "recordings", "texts", "table"]
SUFFIXES = {"pictures": (".jpg", ".jpeg", ".png"), "recordings": (".wav",)}


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        name: Unique in its set; of a file without its folder.
        split: "train" or "test".
        label: Its class.
        content: Bytes of a file, or a text; empty for rows of a table.
        columns: Of a table, or what is known beside a text.
    """

    name: str
    split: str
    label: str
    content: bytes | str = b""
    columns: dict[str, str] = field(default_factory=dict)


SETS: dict[str, Kind] = {
    "clothing_small": "pictures",
    "cifar10_small": "pictures",
    "spoken_digits": "recordings",
    "trec": "texts",
    "banking77": "texts",
    "adult_income": "table",
}


def read(data: Path, name: str) -> list[Example]:
    """All examples of a set, those for training first."""
    kind = SETS[name]
    if kind in SUFFIXES:
        return _files(data / name, SUFFIXES[kind])
    return _rows(data / name, is_text=kind == "texts")


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Example]:
    paths = [
        path
        for split in ("train", "test")
        for path in sorted((folder / split).glob("*/*"))
        if path.suffix.lower() in suffixes
    ]
    twice = any(count > 1 for count in Counter(path.name for path in paths).values())
    return [
        Example(
            f"{number:05d}{path.suffix}" if twice else path.name,
            path.parent.parent.name,
            path.parent.name,
            path.read_bytes(),
        )
        for number, path in enumerate(paths)
    ]


def _rows(folder: Path, *, is_text: bool) -> list[Example]:
    found = []
    for split in ("train", "test"):
        with (folder / f"{split}.csv").open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream)):
                label, name = row.pop("label"), f"{split}-{number}"
                if is_text:
                    found.append(Example(name, split, label, row["text"]))
                else:
                    found.append(Example(name, split, label, columns=row))
    return found


def write(examples: Sequence[Example], kind: Kind, folder: Path) -> Path:
    """``SPLIT/CLASS/FILE`` for files, ``train.csv`` and ``test.csv`` with a column "id" for the rest."""
    shutil.rmtree(folder, ignore_errors=True)
    if kind in SUFFIXES:
        for each in examples:
            path = folder / each.split / each.label / each.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(each.content if isinstance(each.content, bytes) else each.content.encode())
        return folder
    folder.mkdir(parents=True)
    own = ["text"] if kind == "texts" else []
    names = ["id", *own, *examples[0].columns, "label"]
    for split in ("train", "test"):
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            for each in examples:
                if each.split == split:
                    text = {"text": each.content} if own else {}
                    writer.writerow({"id": each.name, **text, **each.columns, "label": each.label})
    return folder


def options(kind: Kind) -> dict[str, str]:
    """For ``headstart.audit``, beside the data."""
    if kind in SUFFIXES:
        return {}
    return {"id": "id", "target": "label"}
