"""Rows whose inputs are known: parts, plain columns, targets; still nothing opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError, choice_message
from headstart.core.schema import ColumnSchema, InputSchema, PartSchema
from headstart.core.table import Column, Table
from headstart.data.cells import evenly_spread, is_blank, is_missing
from headstart.data.column_kinds import typed
from headstart.data.inputs import Files, Inputs, chained, take
from headstart.data.listing import Listing
from headstart.data.paths import folder_of, ids_of, inputs_of, kind_of_objects
from headstart.data.sheet import Sheet
from headstart.data.text_inputs import BLANK, Decoded, Pairs, Texts
from headstart.data.walk import modality_of, most_frequent, shortened

SAMPLE = 50  # files of a listing that are asked for their kind; it holds one kind only


@dataclass(frozen=True)
class Examples:
    """N examples.

    Attributes:
        parts: Schema and lazy inputs of each part.
        table: Plain columns.
        ids: N names; not unique.
        targets: N targets, None where a row has none.
        split: N of "train", "val", "test", "".
        name: What to call the source.
        further: Further columns by name, N cells each, for groups and slices.
        notes: What was understood and why, sentences for people.
        left_out: Columns that are no inputs though nobody said so, by name with a clause each.
    """

    parts: tuple[tuple[PartSchema, Inputs], ...]
    table: Table
    ids: tuple[str, ...]
    targets: tuple[str | None, ...]
    split: tuple[str, ...]
    name: str
    further: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def schema(self) -> InputSchema:
        """What each consists of."""
        columns = tuple(
            ColumnSchema(name=name, kind=column.kind, spelling=column.spelling)
            for name, column in self.table.columns.items()
        )
        return InputSchema(parts=tuple(schema for schema, _ in self.parts), columns=columns)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Examples:
        """Some rows, ``(n,)`` positions, in that order; raises ShapeError for a mask, which would pass for 0 and 1."""
        index = np.asarray(rows)
        if index.dtype == bool:
            raise ShapeError("rows must be positions; got a mask of booleans. Use np.flatnonzero(mask).")
        index = index.astype(np.int64)
        return replace(
            self,
            parts=tuple((schema, take(inputs, index)) for schema, inputs in self.parts),
            table=self.table.take(index),
            ids=tuple(self.ids[row] for row in index),
            targets=tuple(self.targets[row] for row in index),
            split=tuple(self.split[row] for row in index),
            further={name: [values[row] for row in index] for name, values in self.further.items()},
        )

    def as_split(self, split: str, prefix: str = "") -> Examples:
        """All rows assigned to one split, their ids below ``prefix``."""
        return replace(self, split=(split,) * len(self), ids=tuple(prefix + name for name in self.ids))


def examples_of_listing(listing: Listing, modality: str | None = None) -> Examples:
    """Rows with one input each, files of folders or a sequence."""
    inputs = listing.inputs
    kind = modality or listing.modality
    if not kind and isinstance(inputs, Files):
        kind = (
            most_frequent(Counter(modality_of(inputs.paths[row]) for row in evenly_spread(len(inputs), SAMPLE))) or ""
        )
    if kind == "text" and not isinstance(inputs, Texts | Pairs | Decoded):
        inputs = Decoded(inputs)
    part = PartSchema(modality=kind or "image")
    return Examples(
        ((part, inputs),),
        Table(),
        listing.ids,
        listing.targets,
        listing.split,
        listing.name,
        listing.columns,
        listing.notes,
    )


def examples_of_sheet(
    sheet: Sheet, schema: InputSchema, targets: Sequence[str | None], *, joined: bool = False
) -> Examples:
    """Rows of a table, their cells read as ``schema`` says.

    Rows without an input are left out and counted: those that lack a file, or the text where it is the only input. A
    text that is missing beside other inputs is read as "-".

    Args:
        sheet: All columns of the schema are in it.
        schema: Parts and plain columns.
        targets: N, None where a row has none.
        joined: Whether ids name what rows were joined by; else ids are paths where there are paths.

    Raises:
        DataError: a column is not there, or does not hold what it held when the schema was made.
    """
    _require_columns(sheet, schema)
    is_alone = len(schema.parts) == 1 and not schema.columns
    parts = tuple((part, part_inputs(sheet, part, "" if is_alone else BLANK)) for part in schema.parts)
    ids = sheet.ids
    first = schema.parts[0] if schema.parts else None
    if first and not joined and not isinstance(parts[0][1], Texts | Pairs) and first.columns[0] in sheet.columns:
        ids = ids_of(sheet.columns[first.columns[0]])
    table, notes = table_of(sheet.columns, schema.columns)
    further = {name: values for name, values in sheet.columns.items()}
    said = (*sheet.notes, *notes)
    examples = Examples(parts, table, ids, tuple(targets), sheet.split, sheet.name, further, said, sheet.left_out)
    return _without_blank(examples, sheet, is_alone)


def table_of(columns: Mapping[str, Sequence[Any]], schema: Sequence[ColumnSchema]) -> tuple[Table, list[str]]:
    """Plain columns read as the schema says, and notes about cells that could not be read as that."""
    read: dict[str, Column] = {}
    notes = []
    for each in schema:
        read[each.name], slips = typed(columns[each.name], each.kind, each.spelling)
        if slips:
            shown = shortened([repr(text[:30]) for text in dict.fromkeys(slips)])
            what = {"number": "numbers", "date": "dates", "boolean": "yes or no"}[each.kind]
            notes.append(f"{len(slips):,} values of {each.name!r} are not {what} and count as missing: {shown}")
    return Table(read), notes


def part_inputs(sheet: Sheet, part: PartSchema, blank: str = "") -> Inputs:
    """Lazy inputs of one part; ``blank`` stands for missing texts.

    Raises:
        DataError: two columns of something else than texts.
    """
    if len(part.columns) == 2:
        return Pairs(*(sheet.columns[name] for name in part.columns))
    (name,) = part.columns
    if name in sheet.known:
        return sheet.known[name].inputs
    values = sheet.columns[name]
    folders = _folders(sheet, values)
    if part.modality != "text" or any(folder is not None for folder in folders):
        bases = [folder or base for folder, base in zip(folders, sheet.bases, strict=True)]
        return inputs_of(values, part.modality, [bases[number] for number in sheet.base_of])
    if kind_of_objects(values) is not None:
        raise DataError(f"the column {name!r} must hold texts; it holds bytes or arrays. Name another with --input.")
    return Texts(values, blank)


def stacked_examples(first: Examples, second: Examples) -> Examples:
    """One below the other; both of one schema, but for the names of columns that hold files."""
    if [part.modality for part, _ in first.parts] != [part.modality for part, _ in second.parts]:
        raise DataError(
            f"all splits must hold the same inputs; {first.name} holds {first.schema.modality}, {second.name} holds "
            f"{second.schema.modality}. Give both the same columns, or name them with --input."
        )
    names = dict.fromkeys((*first.further, *second.further))
    return Examples(
        tuple((part, chained(one, other)) for (part, one), (_, other) in zip(first.parts, second.parts, strict=True)),
        Table({name: _below(column, second.table.columns[name]) for name, column in first.table.columns.items()}),
        first.ids + second.ids,
        first.targets + second.targets,
        first.split + second.split,
        first.name,
        {name: [*_cells(first, name), *_cells(second, name)] for name in names},
        tuple(dict.fromkeys((*first.notes, *second.notes))),
        first.left_out,  # the second was read as the first is
    )


def _require_columns(sheet: Sheet, schema: InputSchema) -> None:
    for name in (*(name for part in schema.parts for name in part.columns), *(each.name for each in schema.columns)):
        if name not in sheet.names:
            raise DataError(
                f"{sheet.name} must hold every input column that the model was fitted on; it lacks {name!r}. "
                + choice_message("A column", name, sheet.names)
            )


def _folders(sheet: Sheet, values: Sequence[Any]) -> list[Path | None]:
    """For each base, the folder that paths in its rows are relative to; None where they are no paths."""
    found = []
    for number, base in enumerate(sheet.bases):
        rows = np.flatnonzero(sheet.base_of == number)
        found.append(folder_of(values if len(rows) == len(values) else [values[int(row)] for row in rows], base))
    return found


def _without_blank(examples: Examples, sheet: Sheet, is_alone: bool) -> Examples:
    keep = np.ones(len(examples), bool)
    notes = []
    for part, inputs in examples.parts:
        if part.columns[0] in sheet.known:
            continue
        cells = [sheet.columns[name] for name in part.columns]
        if isinstance(inputs, Texts | Pairs) and is_alone:
            keep &= ~np.asarray([all(map(is_missing, row)) for row in zip(*cells, strict=True)])
            continue
        blank = np.asarray([all(map(is_blank, row)) for row in zip(*cells, strict=True)])
        if not isinstance(inputs, Texts | Pairs):
            keep &= ~blank
        elif blank.any():
            notes.append(f"{int(blank.sum()):,} rows have no text in {part.name!r}; it is read as {BLANK!r} there")
    if not keep.all():
        notes.insert(0, f"{int((~keep).sum()):,} rows without an input were left out")
        examples = examples.take(np.flatnonzero(keep))
    return replace(examples, notes=(*examples.notes, *notes))


def _below(column: Column, other: Column) -> Column:
    return Column(column.kind, np.concatenate([column.values, other.values]), column.spelling)


def _cells(examples: Examples, name: str) -> Sequence[Any]:
    return examples.further[name] if name in examples.further else (None,) * len(examples)
