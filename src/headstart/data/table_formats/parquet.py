"""Apache Parquet: see ``data.arrow_rows``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.data.arrow_rows import arrow_batches
from headstart.data.columns import Columns
from headstart.data.table_format import TableFormat


def batches(path: Path, size: int, encoding: str) -> Iterator[Columns]:
    """Row groups are read one at a time."""
    return arrow_batches(path, size)


def build(config: Config) -> TableFormat:
    """The format."""
    return TableFormat(batches)


PLUGIN = Plugin(build=build)
