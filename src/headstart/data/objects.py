"""Python objects as rows: pandas DataFrames, Hugging Face datasets, pairs of sequences.

They are known by what they can do, not by their class: neither pandas nor datasets is ever imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.core.errors import ConfigError, DataError
from headstart.data.cells import is_blank, is_path_like
from headstart.data.columns import Columns
from headstart.data.inputs import encoded
from headstart.data.listing import Listing, split_name
from headstart.data.paths import folder_of, ids_of, inputs_of, kind_of_files, names_missing_files, object_kind
from headstart.data.sheet import Known, Sheet, sheet_of, stacked
from headstart.data.targets import target_texts
from headstart.data.text_inputs import Texts
from headstart.data.walk import called, shortened

HERE = Path(".")
MODALITIES = {"Image": "image", "Audio": "sound"}  # features of Hugging Face datasets, by the name of their class


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


def columns_of_frame(frame: Any) -> Columns:
    """Its columns as lists, by the text of their names."""
    names = [str(name) for name in frame.columns]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"a DataFrame must name each column once; repeated: {shortened(repeated)}. Rename them.")
    return {name: frame.iloc[:, place].tolist() for place, name in enumerate(names)}


def sheet_of_frame(frame: Any) -> Sheet:
    """Rows of a DataFrame; paths are relative to the current folder."""
    return sheet_of(columns_of_frame(frame), HERE, "dataframe")


def rows_of_pair(source: Sequence[Any], modality: str | None = None) -> Listing | Sheet:
    """Rows of (inputs, targets); inputs may be a DataFrame, whose columns are then the inputs."""
    inputs, targets = source
    if len(inputs) != len(targets):
        raise DataError(f"inputs and targets must be of equal length; got {len(inputs)} and {len(targets)}.")
    if is_frame(inputs):
        columns = columns_of_frame(inputs)
        if "target" in columns or "label" in columns:
            raise ConfigError(
                "inputs must have no column 'target' or 'label' where targets are given apart; rename or remove it."
            )
        return replace(sheet_of({**columns, "target": list(targets)}, HERE, "dataframe"), notes=("inputs and targets",))
    values = list(inputs)
    kind, are_texts = _kind_of(values, modality)
    return Listing(
        inputs=Texts(values) if are_texts else inputs_of(values, kind, [HERE] * len(values)),
        ids=tuple(map(str, range(len(values)))) if are_texts else ids_of(values),
        targets=target_texts(list(targets), "targets"),
        split=("",) * len(values),
        name="sequences",
        notes=(f"a pair of sequences: inputs ({called(kind)}{'' if are_texts else ', or paths of them'}), targets",),
        modality=kind,
    )


def sheet_of_hub_dict(source: Mapping[str, Any]) -> Sheet:
    """Rows of the splits that are named like train, val or test."""
    known = {name: split for name in source if (split := split_name(str(name)))}
    if "train" not in known.values():
        raise DataError(f"a DatasetDict must hold a split called 'train'; it holds {list(source)}.")
    sheet = stacked([sheet_of_hub_dataset(source[name]).as_split(split, f"{name}/") for name, split in known.items()])
    ignored = [str(name) for name in source if name not in known]
    notes = (f"splits that are not train, val or test were left out: {shortened(ignored)}",) if ignored else ()
    sheet = replace(sheet, notes=(*sheet.notes, *notes))
    return sheet.as_split("") if set(known.values()) == {"train"} else sheet


def sheet_of_hub_dataset(source: Any) -> Sheet:
    """Rows of one Hugging Face dataset; pictures and recordings stay encoded and are read one at a time."""
    columns: Columns = {}
    known: dict[str, Known] = {}
    for name in source.column_names:
        feature = source.features[name]
        if modality := MODALITIES.get(type(feature).__name__):
            known[name] = Known(modality, HubInputs(source, name))
        else:
            columns[name] = _with_names(feature, source[name])
    return sheet_of(columns, HERE, "dataset", known)


class HubInputs:
    """One column of pictures or recordings of a Hugging Face dataset, as the bytes it holds."""

    def __init__(self, source: Any, column: str) -> None:
        as_bytes = type(source.features[column])(decode=False)
        self.source = source.select_columns([column]).cast_column(column, as_bytes)
        self.column = column

    def __len__(self) -> int:
        return len(self.source)

    def read(self, i: int) -> bytes:
        """The encoded bytes."""
        return encoded(self.source[i][self.column])

    def name(self, i: int) -> str:
        """Its place in the dataset."""
        return str(i)


def _with_names(feature: Any, values: Any) -> Sequence[Any]:
    """Names instead of numbers where the feature knows them, in lists too; -1 and None mean nothing."""
    names = getattr(feature, "names", None)
    inner = getattr(getattr(feature, "feature", None), "names", None)
    if names:
        return [_name(value, names) for value in values]
    if inner:
        return [None if value is None else [_name(each, inner) for each in value] for value in values]
    return list(values)


def _name(value: Any, names: Sequence[str]) -> str | None:
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else None


def _kind_of(values: Sequence[Any], modality: str | None) -> tuple[str, bool]:
    """Modality of a sequence of inputs, and whether they are texts themselves, not paths or encoded inputs."""
    filled = [value for value in values if not is_blank(value)]
    first = filled[0] if filled else None
    if first is not None and (kind := object_kind(first)):
        return modality or kind, False
    if not is_path_like(first):
        raise DataError(
            f"inputs must be texts, paths, bytes, Pillow images or arrays; the first is a {type(first).__name__}. "
            "Give (inputs, targets) in this order; columns of numbers go into a DataFrame."
        )
    folder = folder_of(values, HERE)
    are_paths = folder is not None or any(not isinstance(value, str) for value in filled)
    if not are_paths and (modality == "text" or not names_missing_files(values)):
        return modality or "text", True
    return modality or kind_of_files(values, folder or HERE, "inputs")[0] or "image", False
