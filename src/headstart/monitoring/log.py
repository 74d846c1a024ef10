"""The log of a server: one JSON line for each stretch, counts alone. Several processes append to one file."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from headstart.core.errors import DataError
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

KEY, SCHEMA = "headstart_monitor", 1
LONGEST_LINE = 4 << 20  # bytes
LARGEST = 64 << 20  # bytes of a log; some days of a busy server
LATEST = 2 << 20  # bytes that a server reads when it begins


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


def rotate(path: Path, most: int = LARGEST) -> None:
    """Let a log that is too large be the former one, ``NAME.1``, in place of that which was."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size >= most:
            os.replace(path, path.with_name(path.name + ".1"))


class Tail:
    """What is new at the end of a log.

    Args:
        path: Of the log, which need not be there yet.
        reference: Of the model.
        version: Of the model, whose lines alone are read.
        first: Bytes before the end that the first reading begins at, so that a server begins at once.
    """

    def __init__(self, path: Path, reference: Reference, version: str, first: int = LATEST) -> None:
        self._path, self._reference, self._version, self._first = path, reference, version, first
        self._place: int | None = None
        self._file: int | None = None

    def read(self) -> list[Window]:
        """Stretches of the lines that are whole, those of damaged ones left out."""
        try:
            with self._path.open("rb") as stream:
                return self._of(stream)
        except FileNotFoundError:
            return []

    def _of(self, stream: BinaryIO) -> list[Window]:
        about = os.fstat(stream.fileno())
        if self._place is None:
            self._place = max(0, about.st_size - self._first)
        elif about.st_ino != self._file or about.st_size < self._place:  # another file has its name now
            self._place = 0
        self._file = about.st_ino
        stream.seek(self._place)
        content = stream.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._place += len(whole)
        found = []
        for line in whole.splitlines():
            with contextlib.suppress(ValueError, RecursionError, DataError):
                document = json.loads(line)
                if (
                    isinstance(document, dict)
                    and document.get(KEY) == SCHEMA
                    and document.get("version") == self._version
                ):
                    found.append(Window.from_dict(document, self._reference))
        return found


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
