"""Results as lines of JSON, appended after every run, so that a benchmark that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]
KEY = ("timed", "tool", "set", "split", "pair")


def key(record: Record, fields: Sequence[str] = KEY) -> tuple[Any, ...]:
    """What was run; two records with one key are the same measurement."""
    return tuple(record[name] for name in fields)


def read(path: Path, fields: Sequence[str] = KEY) -> list[Record]:
    """The newest record of every key, in order; a last line that was cut off by a crash is left out."""
    if not path.exists():
        return []
    records: dict[tuple[Any, ...], Record] = {}
    for line in path.read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        records[key(record, fields)] = record
    return list(records.values())


def append(path: Path, record: Record) -> None:
    """Add one line, on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cut_off = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a") as stream:
        stream.write("\n" * cut_off + json.dumps(record) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def done(records: Iterable[Record], fields: Sequence[str] = KEY) -> set[tuple[Any, ...]]:
    """Keys that need not run again: those that succeeded."""
    return {key(record, fields) for record in records if record["ok"]}
