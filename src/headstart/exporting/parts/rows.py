"""Read examples: a file each, or the rows of a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.parts.kinds import KINDS


def examples(paths: Sequence[str], facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, np.ndarray] | Exception]]:
    """Name of each example, and its tensors by name or why there are none."""
    for path in paths:
        if facts["is_row"]:
            for number, row in enumerate(rows_of(Path(path)), start=1):
                yield f"{path}:{number}", tensors(Path(path), row, facts)
        else:
            yield path, tensors(Path(path), None, facts)


def rows_of(path: Path) -> Iterator[Any]:
    """Rows of a .csv file with a header, else JSON objects, one on each line."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines) if path.suffix.lower() == ".csv" else filter(str.strip, lines)


def tensors(path: Path, row: Any, facts: dict[str, Any]) -> dict[str, np.ndarray] | Exception:
    """By name, of one file or one row in it; or why they cannot be made."""
    try:
        row = json.loads(row) if isinstance(row, str) else row
        return {asked["name"]: KINDS[asked["kind"]](content(path, row, asked), asked) for asked in facts["inputs"]}
    except Exception as error:  # decoders raise anything
        return error


def content(path: Path, row: Any, asked: dict[str, Any]) -> Any:
    """Bytes of a file, of a text, of a pair of texts, of the file that a cell names beside the table; or the row."""
    if row is None:
        return path.read_bytes()
    if asked["kind"] == "columns":
        return row
    cells = [row[name] for name in asked["columns"]]
    if asked["kind"] in ("image", "sound"):
        return (path.parent / cells[0]).read_bytes()
    texts = ["" if each is None else str(each) for each in cells]
    texts = [text if text.strip() else "-" for text in texts]
    return (texts[0] if len(texts) == 1 else json.dumps(texts)).encode("utf-8", "replace")
