"""Folders of class folders, alone or below train/ [val/] test/."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from headstart.core.errors import DataError
from headstart.data.class_names import spell
from headstart.data.inputs import Files, printable
from headstart.data.listing import Listing, split_name
from headstart.data.walk import (
    Walk,
    called,
    entries,
    identity,
    inputs,
    is_input,
    modality_of,
    most_frequent,
    shortened,
)


def folder_modality(root: Path) -> str | None:
    """The kind that most files in the folders of ``root`` are of: "image", "sound", "text"; None where all are others.

    Files directly in ``root`` do not count: beside class folders they have no class.
    """
    counts: Counter[str | None] = Counter()
    above = frozenset({identity(root)})
    for name in entries(root)[0]:
        counts.update(map(modality_of, inputs(str(root / name), Walk(), above=above)))
    return most_frequent(counts)


def split_folders(root: Path, modality: str | None = None) -> dict[str, list[str]]:
    """Folders that hold the splits, by "train", "val", "test"; empty where ``root`` is not laid out like that.

    It is when there is a train folder that holds folders and no inputs, and every other folder is named like a
    split too or there is a test or val folder: a class that happens to be called "train" holds inputs. ``modality`` is
    the kind of files that count as inputs; None: that of most files.
    """
    found: dict[str, list[str]] = {}
    folders, _ = entries(root)
    for name in folders:
        if split := split_name(name):
            found.setdefault(split, []).append(name)
    named = sum(len(names) for names in found.values())
    if "train" not in found or (named < len(folders) and len(found) == 1):
        return {}
    kind = modality or folder_modality(root)
    return found if all(_holds_folders_only(root / name, kind) for name in found["train"]) else {}


def class_folders(root: Path, modality: str | None = None) -> list[str]:
    """Names of the folders in ``root`` that hold at least one input of the kind (None: of any)."""
    return [name for name in entries(root)[0] if _holds_inputs(root / name, modality)]


def split_listing(root: Path, found: dict[str, list[str]], modality: str | None = None) -> Listing:
    """Rows of train/ [val/] test/, each with class folders; ``modality`` as for :func:`class_listing`."""
    kind = modality or folder_modality(root)
    walk, notes = Walk(), []
    rows: list[tuple[str, str, str]] = []
    for split, names in found.items():
        for name in names:
            below = _class_rows(root / name, walk, kind, frozenset({identity(root)}))
            if not below and split != "train" and _holds_inputs(root / name, kind):
                notes.append(
                    f"{name}/ holds {called(kind)} but no class folders, so their classes are unknown: left out"
                )
            rows += [(path, target, split) for path, target in below]
    ignored = [name for name in entries(root)[0] if split_name(name) is None]
    if ignored:
        notes.append(f"folders beside the splits were ignored: {shortened(ignored)}")
    listing = _listing(root, rows, [*notes, *walk.notes(kind)])
    if not any(split == "train" for split in listing.split):
        raise DataError(_no_classes(root / found["train"][0], kind))
    if set(listing.split) == {"train"}:
        return listing.as_split("")
    return listing


def class_listing(root: Path, modality: str | None = None) -> Listing:
    """Rows of a folder of class folders.

    Args:
        root: Where the class folders are.
        modality: The kind of files to list, others are left out and noted; None: that of most files.
    """
    kind = modality or folder_modality(root)
    walk = Walk()
    rows = [(path, target, "") for path, target in _class_rows(root, walk, kind)]
    if not rows:
        raise DataError(_no_classes(root, kind))
    loose = [name for name in entries(root)[1] if is_input(str(root / name), kind)]
    notes = [f"{len(loose)} {called(kind)} beside the class folders have no class: left out"] if loose else []
    return _listing(root, rows, [*notes, *walk.notes(kind)])


def _class_rows(
    root: Path, walk: Walk, modality: str | None, above: frozenset[tuple[int, int]] = frozenset()
) -> list[tuple[str, str]]:
    """Paths with their class; a symlink back to ``root`` would bring in the inputs of other classes."""
    above |= {identity(root)}
    return [(path, name) for name in entries(root)[0] for path in inputs(str(root / name), walk, modality, above)]


def _listing(root: Path, rows: Sequence[tuple[str, str, str]], notes: list[str]) -> Listing:
    start = str(root)
    return Listing(
        inputs=Files(tuple(path for path, _, _ in rows)),
        ids=tuple(printable(os.path.relpath(path, start).replace(os.sep, "/")) for path, _, _ in rows),
        targets=tuple(spell(printable(target)) for _, target, _ in rows),
        split=tuple(split for _, _, split in rows),
        name=printable(root.resolve().name),
        notes=tuple(printable(note.replace(start + os.sep, "")) for note in notes),
    )


def _holds_folders_only(folder: Path, modality: str | None) -> bool:
    folders, files = entries(folder)
    return bool(folders) and not any(is_input(str(folder / name), modality) for name in files)


def _holds_inputs(folder: Path, modality: str | None) -> bool:
    return next(inputs(str(folder), Walk(), modality), None) is not None


def _no_classes(root: Path, modality: str | None) -> str:
    folders, files = entries(root)
    kinds: Counter[str | None] = Counter(modality_of(str(root / name)) for name in files)
    if not folders and not files:
        came = "it is empty"
    elif loose := modality if kinds[modality] else most_frequent(kinds):
        came = f"it holds {kinds[loose]} {called(loose)} directly, whose classes nobody knows"
    else:
        came = f"it holds {len(folders)} folders and {len(files)} files, and no {_one(modality)} in any folder"
    return (
        f"{root} must hold one folder of {called(modality)} per class, or train/ and test/ with such folders, or a "
        f"table with a column of inputs and a column of class names; {came}. "
        f"Put the {called(modality) if modality else 'files'} of each class into a folder of its name."
    )


def _one(modality: str | None) -> str:
    return called(modality).removesuffix("s") if modality else "picture, recording or text"
