"""One JSON object per line; a key that a line lacks is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.columns import Columns
from headstart.data.jsonl_rows import jsonl_batches, jsonl_names
from headstart.data.table_format import TableFormat


def batches(path: Path, size: int, encoding: str) -> Iterator[Columns]:
    """Lists and objects inside stay as they are; the file is read once before the first batch, for its keys."""
    names = jsonl_names(path, encoding)
    for records in jsonl_batches(path, encoding, size):
        yield {name: [record.get(name) for record in records] for name in names}


def build(config: Config) -> TableFormat:
    """The format."""
    return TableFormat(batches, is_text=True)


PLUGIN = Plugin(build=build)
