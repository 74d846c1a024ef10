"""What may be shown of an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.core.errors import DataError
from headstart.core.table import Table

if TYPE_CHECKING:
    from headstart.data.dataset import Dataset

SHOWN_COLUMNS = 8  # of a row


def excerpt(dataset: Dataset, row: int) -> dict[str, Any]:
    """What may be shown of an example: a picture, a text, a few columns; empty when a file went away."""
    from headstart.data.modalities import modality

    found: dict[str, Any] = {}
    texts: list[str] = []
    for part in dataset.parts:
        try:
            shown = modality(part.modality).excerpt(part.inputs.read(row))
        except (DataError, OSError):
            continue
        texts += [shown.pop("text")] if "text" in shown else []
        found = {**shown, **found}
    if dataset.table.columns:
        texts.append(_row_text(dataset.table, row))
    return {**found, "text": " \u00b7 ".join(texts)} if texts else found


def _row_text(table: Table, row: int) -> str:
    shown = []
    for name, column in list(table.columns.items())[:SHOWN_COLUMNS]:
        value = column.values[row]
        is_missing = value is None or value != value
        number = f"{value:g}" if not is_missing and column.kind in ("number", "boolean") else value
        shown.append(f"{name} {'?' if is_missing else number}")
    return ", ".join(shown) + (", \u2026" if len(table.columns) > SHOWN_COLUMNS else "")
