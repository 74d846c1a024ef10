"""JSON lines that are appended while a run goes on, and read back after a crash at any byte."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.errors import IntegrityError

REMEDY = "Copy the file again from where it was written, or run the command anew in another folder."


def append_record(path: Path, record: Mapping[str, Any]) -> None:
    """Append one line and sync it; a torn line left by a crash is cut off first."""
    line = json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    with path.open("ab+") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size and not _ends_line(stream, size):
            stream.truncate(_whole_bytes(path))
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def read_records(path: Path) -> list[dict[str, Any]]:
    """All whole lines; a torn last line is ignored; a missing file is empty.

    Raises:
        IntegrityError: a line that ended is no JSON object, so something else wrote here.
    """
    if not path.exists():
        return []
    content = path.read_bytes()[: _whole_bytes(path)]
    lines = enumerate(content.splitlines(), 1)
    return [_record(line, f"{path.name}, line {number}") for number, line in lines if line.strip()]


def _record(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))  # of bytes it would guess the encoding
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{where} must be JSON; it does not parse ({error}). {REMEDY}") from None
    if not isinstance(record, dict):
        raise IntegrityError(f"{where} must hold a JSON object; it holds {type(record).__name__}. {REMEDY}")
    return record


def _ends_line(stream: Any, size: int) -> bool:
    stream.seek(size - 1)
    return bool(stream.read(1) == b"\n")


def _whole_bytes(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1
