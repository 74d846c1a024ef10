"""What the story is told of: data to begin with, inputs that come later, and the same ones in a changed world."""

from __future__ import annotations

import csv
import io
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

FIRST = 0.6  # of the training part that the story begins with; the rest and the test part come later


@dataclass(frozen=True)
class Item:
    """One input of later on."""

    name: str
    content: bytes
    label: str


@dataclass(frozen=True)
class World:
    """A folder or table to fit, and what comes later."""

    first: Path
    later: list[Item]
    changed: list[Item]
    options: tuple[str, ...] = ()


class Subject(Protocol):
    """A set and what may happen to it."""

    name: str
    formats: tuple[str, ...]
    change: str
    remark: str

    def world(self, data: Path, work: Path) -> World:
        """With its first part written to ``work``."""

    def request(self, item: Item) -> dict[str, Any]:
        """Arguments of a POST to /predict."""


def is_first(name: str) -> bool:
    """The same for every run, and unrelated to the order."""
    return zlib.crc32(name.encode()) % 1000 < 1000 * FIRST


@dataclass(frozen=True)
class Pictures:
    """Class folders; later the light fails and the lens is out of focus."""

    name: str
    formats: tuple[str, ...] = ("onnx", "openvino", "torch_export")
    change: str = "the same pictures at a third of their brightness and out of focus"
    remark: str = (
        "Its training part holds 55 pictures of each class, its test part, of which most later ones are, 73 of shoes "
        "and 12 of skirts among 372. Where the monitor says that classes come in other shares, it is right."
    )

    def world(self, data: Path, work: Path) -> World:
        """``first`` holds copies of files."""
        later = []
        for place in sorted((data / self.name).glob("*/*/*")):
            split, label = place.parts[-3:-1]
            if split == "train" and is_first(place.name):
                out = work / "first" / label / place.name
                out.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(place, out)
            elif place.is_file():
                later.append(Item(place.name, place.read_bytes(), label))
        return World(work / "first", later, [self._changed(each) for each in later])

    @staticmethod
    def _changed(item: Item) -> Item:
        from PIL import Image, ImageEnhance, ImageFilter

        picture = Image.open(io.BytesIO(item.content)).convert("RGB")
        dark = ImageEnhance.Brightness(picture).enhance(0.35).filter(ImageFilter.GaussianBlur(max(picture.size) / 120))
        stream = io.BytesIO()
        dark.save(stream, "JPEG", quality=90)
        return Item(f"dark_{Path(item.name).stem}.jpg", stream.getvalue(), item.label)

    def request(self, item: Item) -> dict[str, Any]:
        """The file itself."""
        return {"content": item.content, "headers": {"Content-Type": "image/jpeg"}}


@dataclass(frozen=True)
class Texts:
    """A table of texts; later people type on telephones."""

    name: str
    formats: tuple[str, ...] = ("onnx", "openvino", "torch_export")
    remark: str = ""
    change: str = "the same texts in lower case with one character in seven lost, doubled or exchanged"
    most_later: int = 2000
    options: tuple[str, ...] = field(default=("--target", "label"))

    def world(self, data: Path, work: Path) -> World:
        """``first.csv`` holds the first part of the training table."""
        rows = [(split, row) for split in ("train", "test") for row in _rows(data / self.name / f"{split}.csv")]
        first = [row for split, row in rows if split == "train" and is_first(row["text"])]
        work.mkdir(parents=True, exist_ok=True)
        with (work / "first.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, ["text", "label"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(first)
        kept = {row["text"] for row in first}
        rest = [row for _, row in rows if row["text"] not in kept]
        chosen = np.random.default_rng(0).permutation(len(rest))[: self.most_later]
        later = [Item(f"text {k}", rest[k]["text"].encode(), rest[k]["label"]) for k in sorted(chosen.tolist())]
        return World(work / "first.csv", later, [self._changed(each) for each in later], self.options)

    @staticmethod
    def _changed(item: Item) -> Item:
        rng, typed = np.random.default_rng(zlib.crc32(item.content)), []
        for letter in item.content.decode().lower():
            if rng.random() < 1 / 7:
                typed.append(("", letter * 2, chr(ord("a") + int(rng.integers(26))))[int(rng.integers(3))])
            else:
                typed.append(letter)
        return Item(item.name, "".join(typed).encode(), item.label)

    def request(self, item: Item) -> dict[str, Any]:
        """JSON with one text."""
        return {"json": {"inputs": [item.content.decode()]}}


def _rows(place: Path) -> Sequence[dict[str, str]]:
    with place.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


SUBJECTS: dict[str, Subject] = {each.name: each for each in (Pictures("clothing_small"), Texts("banking77"))}
