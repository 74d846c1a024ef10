"""Columns that hold inputs or paths of inputs: where the files are, and of which kind."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.data.cells import evenly_spread, is_blank, is_path_like
from headstart.data.headers import sniff
from headstart.data.inputs import Files, Inputs, Objects, printable
from headstart.data.text_inputs import Decoded
from headstart.data.walk import PICTURES, SOUNDS, TEXTS, entries, modality_of, shortened

LOOKED_AT = 50  # cells of a column that are tried as paths
MOST = 0.5  # share of them that must exist: some may be missing, and are listed as bad
CLEAR = 0.9  # share of one kind among files of several from which on the others are strays
LONGEST_PATH = 1024  # characters of a text that may be a path
SUBFOLDERS = 30  # folders beside a table that are tried
LONGEST_NAME = 200  # characters of a path that a message shows


def folder_of(values: Sequence[Any], base: Path) -> Path | None:
    """The folder that a column's paths are relative to: ``base``, else the only one in it where most exist; or None."""
    tried = [os.fspath(values[row]) for row in evenly_spread(len(values), LOOKED_AT) if is_path_like(values[row])]
    tried = [path for path in tried if path.strip()]
    if not tried:
        return None
    if _share(tried, base) >= MOST:
        return base
    if not any(_looks_like_path(path) for path in tried) or not base.is_dir():
        return None
    found = [name for name in entries(base)[0][:SUBFOLDERS] if _share(tried, base / name) >= MOST]
    return base / found[0] if len(found) == 1 else None


def kind_of_files(values: Sequence[Any], folder: Path, column: str) -> tuple[str | None, str]:
    """The modality of the files that a column names, and a note about strays of other kinds ("" without any).

    None where most are of no kind that is known.

    Raises:
        DataError: no kind clearly prevails.
    """
    rows = evenly_spread(len(values), 20 * LOOKED_AT)
    named = [values[row] for row in rows if is_path_like(values[row]) and not is_blank(values[row])]
    paths = [located(value, folder) for value in named if "\0" not in os.fspath(value)]
    kinds = Counter(kind for path in paths if (kind := modality_of(path)))
    if not kinds or kinds.total() < MOST * len(paths):
        return None, ""
    (kind, count), *others = kinds.most_common()
    if not others:
        return kind, ""
    strays = [path for path in paths if modality_of(path) not in (None, kind)]
    listed = f"{len(strays)} of {len(paths)} looked at, {shortened([os.path.basename(path) for path in strays])}"
    if count < CLEAR * kinds.total():
        raise DataError(
            f"the files of one column must be of one kind; {column!r} holds {dict(kinds)}. "
            f"Other than {kind}: {listed}. Put each kind into a column of its own."
        )
    return kind, f"most files of {column!r} are of the kind {kind}; others will not be readable: {listed}"


def names_missing_files(values: Sequence[Any]) -> bool:
    """Whether a column's texts end like files of inputs, whether or not they exist."""
    tried = [os.fspath(values[row]) for row in evenly_spread(len(values), LOOKED_AT) if is_path_like(values[row])]
    kept = [path for path in tried if path.strip()]
    return bool(kept) and sum(map(_looks_like_path, kept)) >= MOST * len(kept)


def kind_of_objects(values: Sequence[Any]) -> str | None:
    """The modality of inputs in memory (bytes, Pillow images, arrays, undecoded cells); None where there are none."""
    tried = [values[row] for row in evenly_spread(len(values), LOOKED_AT) if not is_blank(values[row])]
    kinds = Counter(kind for value in tried if (kind := object_kind(value)))
    if not kinds or kinds.total() < MOST * len(tried):
        return None
    return kinds.most_common(1)[0][0]


def object_kind(value: Any) -> str | None:
    """Say "image" or "sound" of one input in memory; None for anything else, texts and paths included."""
    if isinstance(value, dict):
        if "array" in value and "sampling_rate" in value:
            return "sound"
        if not ("bytes" in value and "path" in value):
            return None
        if value["bytes"] is None:
            return modality_of(str(value["path"]))
        value = value["bytes"]
    if isinstance(value, bytes | bytearray):
        start = bytes(value[:16])
        is_sound = start.startswith((b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3"))
        is_sound = is_sound or (start[:4] == b"RIFF" and start[8:12] == b"WAVE")
        return "sound" if is_sound and sniff(start) is None else "image"
    if getattr(value, "ndim", 0) in (2, 3) and hasattr(value, "__array__"):
        return "image"
    return "image" if hasattr(value, "mode") and hasattr(value, "convert") else None  # Pillow, without importing it


def inputs_of(values: Sequence[Any], modality: str, folders: Sequence[Path]) -> Inputs:
    """Lazy inputs: files where all values are paths (``folders``: what each is relative to), else objects in memory."""
    found = [located(value, folder) for value, folder in zip(values, folders, strict=True)]
    inputs: Inputs = Files(tuple(found)) if all(isinstance(value, str) for value in found) else Objects(found)
    return Decoded(inputs) if modality == "text" else inputs


def located(value: Any, folder: Path) -> Any:
    """A path below ``folder``, "" for a blank one; anything else as it is."""
    if is_blank(value):
        return ""
    return os.path.join(folder, value) if is_path_like(value) else value


def ids_of(values: Sequence[Any]) -> tuple[str, ...]:
    """The path as written, with forward slashes; the row's number where the value is none."""
    named: list[Any] = [value.get("path") if isinstance(value, dict) else value for value in values]
    return tuple(
        printable(os.fspath(value).replace(os.sep, "/").removeprefix("./"))
        if is_path_like(value) and os.fspath(value)
        else str(row)
        for row, value in enumerate(named)
    )


def below(names: Sequence[str], source: Any) -> tuple[str, ...]:
    """Names of inputs of a folder relative to it, as those of labelled data are; of any other source as they are."""
    if not isinstance(source, str | os.PathLike) or not os.path.isdir(source):
        return tuple(names)
    folder = printable(os.path.join(os.fspath(source), ""))
    return tuple(name.removeprefix(folder).replace(os.sep, "/") for name in names)


def _share(paths: Sequence[str], folder: Path) -> float:
    return sum(_is_file(path, folder) for path in paths) / len(paths)


def _is_file(path: str, folder: Path) -> bool:
    try:
        return os.path.isfile(os.path.join(folder, path))
    except (ValueError, OSError):  # a null character; a text that is longer than a path may be
        return False


def _looks_like_path(path: str) -> bool:
    """By its ending alone: texts that end in a file's name are rare, and are never opened."""
    ending = os.path.splitext(path.strip())[1]
    return len(path) < LONGEST_PATH and "\n" not in path and ending.lower() in PICTURES | SOUNDS | TEXTS


def source_name(source: Any) -> str:
    """What to call a source in a message: its path, or what it is; never its content."""
    if not is_path_like(source):
        return type(source).__name__
    text = printable(os.fspath(source))
    return text if len(text) <= LONGEST_NAME and "\n" not in text else "a text"
