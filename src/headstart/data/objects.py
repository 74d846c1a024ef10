"""Python objects as listings: pandas DataFrames, Hugging Face datasets, pairs of sequences.

They are known by what they can do, not by their class: neither pandas nor datasets is ever imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data.columns import Columns, ids_of, inputs_of, is_picture_object, listing_of_columns
from headstart.data.inputs import encoded
from headstart.data.listing import Listing, joined, split_name
from headstart.data.targets import class_targets, target_column
from headstart.data.walk import shortened


def is_frame(source: Any) -> bool:
    """A pandas DataFrame, or something as good."""
    return hasattr(source, "columns") and hasattr(source, "iloc")


def is_hub_dataset(source: Any) -> bool:
    """A Hugging Face ``datasets.Dataset``."""
    return hasattr(source, "features") and hasattr(source, "column_names") and hasattr(source, "__getitem__")


def is_hub_dict(source: Any) -> bool:
    """A Hugging Face ``datasets.DatasetDict``."""
    return isinstance(source, Mapping) and bool(source) and all(map(is_hub_dataset, source.values()))


def is_pair(source: Any) -> bool:
    """Inputs and targets, in this order."""
    return (
        isinstance(source, tuple | list)
        and len(source) == 2
        and all(hasattr(part, "__len__") and hasattr(part, "__getitem__") for part in source)
        and not any(isinstance(part, str | bytes) for part in source)
    )


def listing_of_frame(frame: Any, *, target: str | None, input: str | None) -> Listing:
    """Rows of a DataFrame; paths are relative to the current folder."""
    columns: Columns = {str(name): frame[name].tolist() for name in frame.columns}
    return listing_of_columns(columns, Path("."), "dataframe", target=target, input=input)


def listing_of_pair(source: Sequence[Any]) -> Listing:
    """Rows of (inputs, targets)."""
    inputs, targets = source
    if len(inputs) != len(targets):
        raise DataError(f"inputs and targets must be of equal length; got {len(inputs)} and {len(targets)}.")
    values = list(inputs)
    for value in values[:1]:
        if not isinstance(value, str | Path) and not is_picture_object(value):
            raise DataError(
                f"inputs must be paths, bytes, Pillow images or arrays; the first is a {type(value).__name__}. "
                "Give (inputs, targets) in this order."
            )
    return Listing(
        inputs=inputs_of(values, Path(".")),
        ids=ids_of(values),
        targets=class_targets(list(targets), "targets"),
        split=("",) * len(values),
        name="sequences",
        notes=("a pair of sequences: inputs, targets",),
    )


def listing_of_hub_dict(source: Mapping[str, Any], *, target: str | None, input: str | None) -> Listing:
    """Rows of the splits that are named like train, val or test."""
    known = {name: split for name in source if (split := split_name(str(name)))}
    if "train" not in known.values():
        raise DataError(f"a DatasetDict must hold a split called 'train'; it holds {list(source)}.")
    listing = joined(
        listing_of_hub_dataset(source[name], target=target, input=input).as_split(split, f"{name}/")
        for name, split in known.items()
    )
    ignored = [str(name) for name in source if name not in known]
    notes = (f"splits that are not train, val or test were left out: {shortened(ignored)}",) if ignored else ()
    listing = replace(listing, notes=(*dict.fromkeys(listing.notes), *notes))
    return listing.as_split("") if set(known.values()) == {"train"} else listing


def listing_of_hub_dataset(source: Any, *, target: str | None, input: str | None) -> Listing:
    """Rows of one Hugging Face dataset; pictures stay encoded and are read one at a time."""
    names = list(source.column_names)
    target_name = target_column(names, target)
    pictures = {name: HubPictures(source, name) for name in names if type(source.features[name]).__name__ == "Image"}
    columns: Columns = {name: list(source[name]) for name in names if name not in pictures}
    if target_name in columns:
        columns[target_name] = _names_of_classes(source.features[target_name], columns[target_name])
    return listing_of_columns(columns, Path("."), "dataset", target=target_name, input=input, pictures=pictures)


class HubPictures:
    """One column of pictures of a Hugging Face dataset, as the bytes it holds."""

    def __init__(self, source: Any, column: str) -> None:
        as_bytes = type(source.features[column])(decode=False)
        self.source = source.select_columns([column]).cast_column(column, as_bytes)
        self.column = column

    def __len__(self) -> int:
        return len(self.source)

    def read(self, i: int) -> bytes:
        """The picture's encoded bytes."""
        return encoded(self.source[i][self.column])

    def name(self, i: int) -> str:
        """Its place in the dataset."""
        return str(i)


def _names_of_classes(feature: Any, values: Sequence[Any]) -> Sequence[Any]:
    """Names instead of numbers where the feature knows them; -1 and None mean no target."""
    names = getattr(feature, "names", None)
    if not names:
        return values
    return [names[value] if isinstance(value, int) and 0 <= value < len(names) else None for value in values]
