"""Several rows for one input, joined to one (``--id``): its labels become a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from headstart.core.errors import DataError
from headstart.data.cells import names_in, text_of
from headstart.data.class_names import spell
from headstart.data.sheet import Sheet
from headstart.data.targets import are_measured
from headstart.data.walk import shortened


def joined_by(sheet: Sheet, id_column: str, target: str | None) -> tuple[Sheet, tuple[str, ...]]:
    """One row for each value of the id column, in order of first appearance; ids are its values.

    Where an input has several targets, the target of every input becomes a list of names; rows without a target add
    nothing to it. Of other columns that differ between rows of one input the first row's value is kept. Rows without
    an id stay rows of their own.

    Returns:
        The joined rows, and the columns that differ within inputs: facts of rows, not of inputs.

    Raises:
        DataError: inputs have several targets that are quantities, which no set can stand for.
    """
    groups: dict[str, list[int]] = {}
    for row, value in enumerate(sheet.columns[id_column]):
        groups.setdefault(text_of(value) or f"\0{row}", []).append(row)
    if len(groups) == len(sheet):
        note = f"every row has another {id_column!r}, so there is nothing to join"
        return replace(sheet, ids=_names(sheet, groups), notes=(*sheet.notes, note)), ()
    rows = list(groups.values())
    differing = tuple(name for name, values in sheet.columns.items() if name != target and _differs(values, rows))
    result = replace(sheet.take([group[0] for group in rows]), ids=_names(sheet, groups))
    notes = [f"{len(sheet):,} rows were joined to {len(groups):,} by {id_column!r}"]
    if target is not None:
        values, note = _targets(sheet.columns[target], rows, target)
        result = replace(result, columns={**result.columns, target: values})
        notes += [note] if note else []
    if "split" in differing:
        raise DataError(
            f"all rows of one {id_column!r} must be in one split; the column 'split' differs within some. Correct it."
        )
    if differing:
        notes.append(f"columns that differ between rows of one {id_column!r}: {shortened(list(differing), 8)}")
    return replace(result, notes=(*sheet.notes, *notes)), differing


def _names(sheet: Sheet, groups: dict[str, list[int]]) -> tuple[str, ...]:
    return tuple(sheet.ids[rows[0]] if name.startswith("\0") else name for name, rows in groups.items())


def _differs(values: Sequence[Any], groups: list[list[int]]) -> bool:
    return any(len({text_of(values[row]) for row in rows}) > 1 for rows in groups if len(rows) > 1)


def _targets(values: Sequence[Any], groups: list[list[int]], target: str) -> tuple[list[Any], str]:
    labels = [[name for row in rows for name in _labels(values[row])] for rows in groups]
    if all(len(set(names)) <= 1 for names in labels):
        return [names[0] if names else None for names in labels], ""
    every = [name for names in labels for name in names]
    if are_measured(every):
        raise DataError(
            f"rows of one input must agree in a target that is a quantity; {target!r} holds different numbers for one "
            "input. Make one number of them (their mean), or name another column with --target."
        )
    most = max(len(set(names)) for names in labels)
    note = f"the values of {target!r} of one input became a set of labels, at most {most} of {len(set(every))}"
    return [sorted(set(names)) if names else None for names in labels], note


def _labels(value: Any) -> list[str]:
    names = names_in(value)
    if names is None:
        text = text_of(value)
        names = [] if text is None else [text]
    return [spell(name) for name in names]
