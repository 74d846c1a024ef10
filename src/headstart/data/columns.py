"""A table's columns as a listing: which column is the input, the target, the split."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError, choice_message
from headstart.data.cells import text_of
from headstart.data.inputs import Files, Inputs, Objects, printable
from headstart.data.listing import SPLITS, Listing, split_name
from headstart.data.targets import class_targets, target_column

Columns = dict[str, Sequence[Any]]
LOOKED_AT = 50  # values of a column that are tried as paths
# Names that win where several columns hold paths that exist.
INPUT_COLUMNS = ("image", "file", "file_name", "filename", "path", "image_path", "file_path", "img")


def listing_of_columns(
    columns: Columns,
    base: Path,
    name: str,
    *,
    target: str | None,
    input: str | None,
    pictures: Mapping[str, Inputs] | None = None,
) -> Listing:
    """Rows of a table.

    Args:
        columns: By name; the input column holds paths relative to ``base``, or pictures.
        base: Folder of the table.
        name: What to call the table.
        target: Column of the class names; None: the one called label or target.
        input: Column of the inputs; None: the one whose values are pictures or paths that exist.
        pictures: Columns that are known to hold pictures and are not looked at here, by name.
    """
    pictures = pictures or {}
    target_name = target_column([*columns, *pictures], target)
    if input is None and len(pictures) == 1:
        input = next(iter(pictures))
    input_name = input or ""
    if input_name not in pictures:
        input_name = input_column(columns, base, input, leave_out=target_name)
    split, notes = _splits(columns["split"]) if "split" in columns and target_name != "split" else (None, [])
    n = len(columns[target_name])
    listing = Listing(
        inputs=pictures[input_name] if input_name in pictures else inputs_of(columns[input_name], base),
        ids=tuple(map(str, range(n))) if input_name in pictures else ids_of(columns[input_name]),
        targets=class_targets(columns[target_name], target_name),
        split=split or ("",) * n,
        name=name,
        columns={
            other: tuple(map(text_of, values))
            for other, values in columns.items()
            if other not in {target_name, input_name} and (split is None or other != "split")
        },
        notes=(f"target is the column {target_name!r}, input the column {input_name!r}", *notes),
    )
    return listing if input_name in pictures else _without_blank(listing, columns[input_name])


def input_column(columns: Columns, base: Path, input: str | None, leave_out: str | None) -> str:
    """``input``, else the column whose values are pictures or paths that exist.

    Raises:
        ConfigError: ``input`` is no column.
        DataError: no column qualifies, or several do and none has a usual name.
    """
    if input is not None:
        if input not in columns:
            raise ConfigError(choice_message("input", input, columns))
        return input
    shares = {name: _share_of_inputs(values, base) for name, values in columns.items() if name != leave_out}
    found = [name for name, share in shares.items() if share >= 0.5]  # some may be missing: they are listed as bad
    usual = [name for name in found if name.strip().lower() in INPUT_COLUMNS]
    if len(found) == 1 or len(usual) == 1:
        return (usual or found)[0]
    came = f"several do: {found}" if found else f"none of {list(shares)} does"
    raise DataError(
        f"one column must hold pictures, or paths of pictures relative to {printable(str(base)) or '.'}; {came}. "
        "Name it with --input COLUMN, or correct the paths."
    )


def inputs_of(values: Sequence[Any], base: Path) -> Inputs:
    """Lazy inputs: files where all values are paths, else objects in memory."""
    found = [located(value, base) for value in values]
    return Files(tuple(found)) if all(isinstance(value, str) for value in found) else Objects(found)


def located(value: Any, base: Path) -> Any:
    """A path below ``base``, "" for a blank one; anything else as it is."""
    if is_blank(value):
        return ""
    return os.path.join(base, value) if isinstance(value, str | os.PathLike) else value


def ids_of(values: Sequence[Any]) -> tuple[str, ...]:
    """The path as written, with forward slashes; the row's number where the value is a picture."""
    named = [value.get("path") if isinstance(value, dict) else value for value in values]
    return tuple(
        printable(os.fspath(value).replace(os.sep, "/").removeprefix("./"))
        if isinstance(value, str | os.PathLike) and os.fspath(value)
        else str(row)
        for row, value in enumerate(named)
    )


def is_blank(value: Any) -> bool:
    """No input at all."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and value != value)


def is_picture_object(value: Any) -> bool:
    """Bytes, a Pillow image, an array of a picture's shape, or an undecoded picture of Hugging Face datasets."""
    if isinstance(value, bytes | bytearray):
        return True
    if isinstance(value, dict):
        return "bytes" in value and "path" in value
    if getattr(value, "ndim", 0) in (2, 3) and hasattr(value, "__array__"):
        return True
    return hasattr(value, "mode") and hasattr(value, "convert")  # Pillow, without importing it


def _without_blank(listing: Listing, values: Sequence[Any]) -> Listing:
    rows = [row for row, value in enumerate(values) if not is_blank(value)]
    if len(rows) == len(listing):
        return listing
    note = f"{len(listing) - len(rows)} rows without an input were left out"
    return replace(listing.take(rows), notes=(*listing.notes, note))


def _share_of_inputs(values: Sequence[Any], base: Path) -> float:
    step = max(1, len(values) // LOOKED_AT)
    tried = [values[row] for row in range(0, len(values), step) if not is_blank(values[row])]
    return sum(_is_input(value, base) for value in tried) / len(tried) if tried else 0.0


def _is_input(value: Any, base: Path) -> bool:
    if isinstance(value, str | os.PathLike):
        try:
            return os.path.isfile(os.path.join(base, value))
        except ValueError:  # a null character
            return False
    return is_picture_object(value)


def _splits(values: Sequence[Any]) -> tuple[tuple[str, ...], list[str]]:
    texts = [text_of(value) for value in values]
    names = [None if text is None else split_name(text) for text in texts]
    unknown = sorted({text for text, name in zip(texts, names, strict=True) if text is not None and name is None})
    if unknown:
        raise DataError(choice_message("the column 'split'", unknown[0], SPLITS))
    found = {name for name in names if name}
    if found == {"train"} or not found:
        return ("",) * len(names), []
    blank = names.count(None)
    notes = [f"{blank} rows without a split were counted to train"] if blank else []
    return tuple(name or "train" for name in names), notes
