"""Which reader a source needs."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError
from headstart.data import objects, tables
from headstart.data.columns import listing_of_columns
from headstart.data.folders import class_folders, class_listing, split_folders, split_listing
from headstart.data.inputs import printable
from headstart.data.listing import Listing, joined
from headstart.data.metadata import METADATA, with_metadata
from headstart.data.targets import TARGET_COLUMNS


def listing_of(source: Any, *, target: str | None, input: str | None) -> Listing:
    """Rows of a folder, table, DataFrame, Hugging Face dataset or (inputs, targets); nothing is opened yet.

    Raises:
        DataError: it is none of these, or not as it must be.
        ConfigError: a column was named that is not there.
    """
    if isinstance(source, str | os.PathLike):
        return _listing_of_path(Path(source), target, input)
    if objects.is_hub_dict(source):
        return objects.listing_of_hub_dict(source, target=target, input=input)
    if objects.is_hub_dataset(source):
        return objects.listing_of_hub_dataset(source, target=target, input=input)
    if objects.is_frame(source):
        return objects.listing_of_frame(source, target=target, input=input)
    if objects.is_pair(source):
        return objects.listing_of_pair(source)
    raise DataError(
        "data must be a path of a folder or table, a pandas DataFrame, a Hugging Face Dataset, or a pair "
        f"(inputs, targets); got {type(source).__name__}."
    )


def _listing_of_path(path: Path, target: str | None, input: str | None) -> Listing:
    if not path.exists():
        raise DataError(_no_such_path(path))
    if not path.is_dir():
        return _listing_of_table(path, target, input)
    if found := split_folders(path):
        return _of_folders(path, split_listing(path, found), target, input)
    if split_paths := tables.split_tables(path):
        parts = [_listing_of_table(each, target, input).as_split(name) for name, each in split_paths.items()]
        listing = replace(joined(parts), name=printable(path.resolve().name))
        return listing.as_split("") if len(parts) == 1 else listing
    inside = tables.tables_in(path)
    if len(inside) == 1 and _is_data(inside[0], path, target):
        return replace(_listing_of_table(inside[0], target, input), name=printable(path.resolve().name))
    if len(inside) > 1 and not class_folders(path):
        raise DataError(
            f"{path} must hold one table, or train.* and test.*; it holds {[each.name for each in inside]}. "
            "Name one of them instead of the folder."
        )
    return _of_folders(path, class_listing(path), target, input)


def _is_data(table: Path, folder: Path, target: str | None) -> bool:
    """Whether the one table in a folder is the data: beside two or more class folders it must hold a target."""
    if len(class_folders(folder)) < 2:
        return True
    if table.stem.lower() == METADATA:
        return False
    names = tables.load(table)
    return target in names if target else any(name.strip().lower() in TARGET_COLUMNS for name in names)


def _of_folders(path: Path, listing: Listing, target: str | None, input: str | None) -> Listing:
    if input is not None:
        raise ConfigError(
            f"input names a column of a table; {path} is a folder of class folders, whose inputs are its files. "
            "Leave --input out, or name the table instead of the folder."
        )
    return with_metadata(path, listing, target)


def _listing_of_table(path: Path, target: str | None, input: str | None) -> Listing:
    return listing_of_columns(tables.load(path), path.parent, printable(path.stem), target=target, input=input)


def _no_such_path(path: Path) -> str:
    text = f"data must be a folder or a table that exists; there is no {printable(str(path))}."
    try:
        near = difflib.get_close_matches(path.name, os.listdir(path.parent), n=1, cutoff=0.5)
    except OSError:
        near = []
    return f"{text} Did you mean {printable(str(path.parent / near[0]))}?" if near else f"{text} Check the spelling."
