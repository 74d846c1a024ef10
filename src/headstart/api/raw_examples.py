"""Examples of a dataset as an exported model is given them: a file, or a row of a table with files beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.core.schema import ColumnKind, InputSchema
    from headstart.data.dataset import Dataset

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def raw_example(dataset: Dataset, place: int, schema: InputSchema) -> tuple[bytes, dict[str, bytes]]:
    """The bytes of an example, and files that it names.

    An example of one input is that input; of several, or with plain columns, a JSON object of cells.

    Args:
        dataset: Of examples.
        place: Of the example in it.
        schema: What the model takes; of a pair whose texts are encoded one by one that is two inputs.

    Raises:
        DataError, OSError: an input cannot be read.
    """
    columns = dataset.table.columns
    if len(schema.parts) == 1 and not schema.columns:
        return dataset.parts[0].inputs.read(place), {}
    row: dict[str, Any] = {name: _cell(column.values[place], column.kind) for name, column in columns.items()}
    files: dict[str, bytes] = {}
    for part in dataset.parts:
        content = part.inputs.read(place)
        names = part.schema.columns or (part.schema.modality,)
        if part.schema.modality != "text":
            row[names[0]] = f"file-{len(files)}"
            files[row[names[0]]] = content
        elif len(names) == 1:
            row[names[0]] = content.decode("utf-8")
        else:
            row |= dict(zip(names, json.loads(content), strict=True))
    return json.dumps(row).encode("utf-8"), files


def _cell(value: Any, kind: ColumnKind) -> Any:
    """As JSON writes it: a truth as true or false, a date as text, nothing as null."""
    if kind == "category":
        return value
    if np.isnan(value):
        return None
    if kind == "date":
        return (EPOCH + timedelta(seconds=float(value))).isoformat().replace("+00:00", "Z")
    return bool(value) if kind == "boolean" else float(value)
