"""The log of a server: one JSON line for each stretch, counts alone. Several processes append to one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

KEY, SCHEMA = "headstart_monitor", 1
LONGEST_LINE = 4 << 20  # bytes


@dataclass(frozen=True)
class Log:
    """What a log holds of one model.

    Attributes:
        stretches: In the order of the file.
        damaged: Lines that could not be used.
        others: Lines of other models, by version.
    """

    stretches: list[Window]
    damaged: int
    others: dict[str, int]


def append(path: Path, window: Window) -> None:
    """One line in one write at the end of the file, which the system does not mix with those of other processes."""
    line = json.dumps({KEY: SCHEMA, **window.to_dict()}, separators=(",", ":"), ensure_ascii=False) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode("utf-8"))
    finally:
        os.close(handle)


def is_log(path: Path) -> bool:
    """Whether one of the first lines of a file is one of a log."""
    if not path.is_file():
        return False
    return any(isinstance(line, dict) and KEY in line for _, line in zip(range(20), _lines(path), strict=False))


def read_log(path: Path, reference: Reference, version: str) -> Log:
    """The stretches of one model.

    Raises:
        DataError: the file is empty, or holds none of this model.
    """
    stretches, damaged, others = [], 0, dict[str, int]()
    for line in _lines(path):
        if not isinstance(line, dict) or line.get(KEY) != SCHEMA:
            damaged += 1
            continue
        if line.get("version") != version:
            other = str(line.get("version"))
            others[other] = others.get(other, 0) + 1
            continue
        try:
            stretches.append(Window.from_dict(line, reference))
        except DataError:
            damaged += 1
    if not stretches:
        raise DataError(_nothing(path, version, damaged, others))
    return Log(stretches, damaged, others)


def _nothing(path: Path, version: str, damaged: int, others: dict[str, int]) -> str:
    wanted = f"a log must hold lines of the model that is monitored (version {version}); {path.name}"
    if others:
        return f"{wanted} holds only those of {', '.join(sorted(others))}. Name the run that the server answered with."
    if damaged:
        return f"{wanted} holds {damaged} lines that cannot be read. Name the file of `headstart serve --monitor-log`."
    return f"{wanted} is empty. Let the server answer some requests first: it writes once a minute, and when it stops."


def _lines(path: Path) -> Iterator[Any]:
    """Each line as JSON; None where it is none."""
    with path.open("rb") as stream:
        while line := stream.readline(LONGEST_LINE):
            if line.strip():
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    yield None
