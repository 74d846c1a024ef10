"""Predictions as columns: Parquet with its schema version, CSV, JSON lines; written whole or streamed in parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.core.files import atomic


def write_table(path: Path, columns: Mapping[str, Any], metadata: Mapping[str, str]) -> None:
    """Write a Parquet file atomically, with ``metadata`` in its schema."""
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table(dict(columns)).replace_schema_metadata(dict(metadata))
    with atomic(path) as stream:
        pyarrow.parquet.write_table(table, stream)
