"""Which reader a source needs: folders and sequences give a Listing, tables a Sheet."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError
from headstart.data import objects, tables
from headstart.data.folders import class_folders, class_listing, split_folders, split_listing
from headstart.data.inputs import printable
from headstart.data.listing import Listing
from headstart.data.metadata import METADATA, with_metadata
from headstart.data.sheet import Sheet, sheet_of, stacked
from headstart.data.targets import TARGET_COLUMNS


def rows_of(source: Any, *, target: str | None = None, modality: str | None = None) -> Listing | Sheet:
    """Rows of a folder, table, DataFrame, Hugging Face dataset or (inputs, targets); nothing is opened yet.

    What are rows already is returned as it is.

    Args:
        source: Any of these.
        target: Column of the targets, None where it is not named.
        modality: Kind of files that count in folders; None: that of most.

    Raises:
        DataError: it is none of these, or not as it must be.
        ConfigError: a column was named that is not there.
    """
    if isinstance(source, Listing | Sheet):
        return source
    if isinstance(source, str | os.PathLike):
        return _rows_of_path(Path(source), target, None if modality == "table" else modality)
    if objects.is_hub_dict(source):
        return objects.sheet_of_hub_dict(source)
    if objects.is_hub_dataset(source):
        return objects.sheet_of_hub_dataset(source)
    if objects.is_frame(source):
        return objects.sheet_of_frame(source)
    if objects.is_pair(source):
        return objects.rows_of_pair(source, modality)
    raise DataError(
        "data must be a path of a folder or table, a pandas DataFrame, a Hugging Face Dataset, or a pair "
        f"(inputs, targets); got {type(source).__name__}."
    )


def sheet_of_table(path: Path) -> Sheet:
    """All rows of one table file."""
    loaded = tables.load_with_notes(path)
    return replace(sheet_of(loaded.columns, path.parent, printable(path.stem)), notes=loaded.notes)


def _rows_of_path(path: Path, target: str | None, modality: str | None) -> Listing | Sheet:
    if not path.exists():
        raise DataError(_no_such_path(path))
    if not path.is_dir():
        return sheet_of_table(path)
    if found := split_folders(path, modality):
        return with_metadata(path, split_listing(path, found, modality), target)
    name = printable(path.resolve().name)
    if split_paths := tables.split_tables(path):
        if len(split_paths) == 1:
            return replace(sheet_of_table(split_paths["train"]), name=name)
        parts = [sheet_of_table(each).as_split(split, f"{split}/") for split, each in split_paths.items()]
        return replace(stacked(parts), name=name)
    inside = tables.tables_in(path)
    if len(inside) == 1 and _is_data(inside[0], path, target):
        return replace(sheet_of_table(inside[0]), name=name)
    if len(inside) > 1 and not class_folders(path, modality):
        raise DataError(
            f"{path} must hold one table, or train.* and test.*; it holds {[each.name for each in inside]}. "
            "Name one of them instead of the folder."
        )
    return with_metadata(path, class_listing(path, modality), target)


def require_table(rows: Listing | Sheet, source: Any, **options: Any) -> None:
    """Raise ConfigError where a column of a table was named and the source is none."""
    for option, value in options.items():
        if value and isinstance(rows, Listing):
            raise ConfigError(
                f"{option} names a column of a table; {_called(source)}, so there are no columns. "
                f"Leave --{option} out, or name a table instead."
            )


def _called(source: Any) -> str:
    if isinstance(source, str | os.PathLike):
        return f"{printable(os.fspath(source))} is a folder of class folders, whose inputs are its files"
    return "the data are a pair of sequences"


def _is_data(table: Path, folder: Path, target: str | None) -> bool:
    """Whether the one table in a folder is the data: beside two or more class folders it must hold a target."""
    if len(class_folders(folder)) < 2:
        return True
    if table.stem.lower() == METADATA:
        return False
    names = tables.column_names(table)
    return target in names if target else any(name.strip().lower() in TARGET_COLUMNS for name in names)


def _no_such_path(path: Path) -> str:
    text = f"data must be a folder or a table that exists; there is no {printable(str(path))}."
    try:
        near = difflib.get_close_matches(path.name, os.listdir(path.parent), n=1, cutoff=0.5)
    except OSError:
        near = []
    return f"{text} Did you mean {printable(str(path.parent / near[0]))}?" if near else f"{text} Check the spelling."
