"""Text separated by commas, semicolons, tabs or bars, with a header.

Shafranovich, RFC 4180, strictly: see ``data.csv_rows``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.columns import Columns
from headstart.data.csv_rows import csv_batches
from headstart.data.table_format import TableFormat


def batches(path: Path, size: int, encoding: str) -> Iterator[Columns]:
    """Every cell is text."""
    for names, rows in csv_batches(path, encoding, size):
        yield dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def build(config: Config) -> TableFormat:
    """The format."""
    return TableFormat(batches, is_text=True)


PLUGIN = Plugin(build=build, paper="RFC 4180")
