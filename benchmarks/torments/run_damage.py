"""Ways to damage one file of a run folder; the same names as for data."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from .data_damage import HUGE_CELL, block, halve

Damage = Callable[[Path, random.Random], None]


def truncated(path: Path, rng: random.Random) -> None:
    """Its first half."""
    halve(path)


def renamed(path: Path, rng: random.Random) -> None:
    """Another name, or a key less where it is a JSON object."""
    if path.suffix == ".json" and rng.random() < 0.5:
        document = json.loads(path.read_text())
        if isinstance(document, dict):
            document.pop(rng.choice(sorted(document)))
            path.write_text(json.dumps(document))
            return
    path.rename(path.with_name(path.name + ".bak"))


def emptied(path: Path, rng: random.Random) -> None:
    """No byte, or an empty object."""
    path.write_bytes(rng.choice((b"", b"{}")))


def shuffled(path: Path, rng: random.Random) -> None:
    """The content of another file of the same folder, or of the one above."""
    near = [*path.parent.iterdir(), *path.parent.parent.iterdir()]
    others = sorted(other for other in near if other.is_file() and other != path)
    path.write_bytes(rng.choice(others).read_bytes())


def duplicated(path: Path, rng: random.Random) -> None:
    """Its content twice."""
    path.write_bytes(path.read_bytes() * 2)


def encoding(path: Path, rng: random.Random) -> None:
    """UTF-16 without a mark where it is text, else a mark in front."""
    content = path.read_bytes()
    try:
        path.write_bytes(content.decode("utf-8").encode("utf-16-le"))
    except UnicodeDecodeError:
        path.write_bytes(b"\xff\xfe" + content)


def huge(path: Path, rng: random.Random) -> None:
    """A string of three million characters for a value, or a number beyond all; else five million zeros at the end."""
    if path.suffix == ".json":
        document = json.loads(path.read_text())
        if isinstance(document, dict):
            document[rng.choice(sorted(document))] = rng.choice(("long " * (HUGE_CELL // 5), 10**400))
            path.write_text(json.dumps(document))
            return
    path.write_bytes(path.read_bytes() + bytes(5_000_000))


def unreadable(path: Path, rng: random.Random) -> None:
    """A folder or a broken link in its place."""
    block(path, rng)
