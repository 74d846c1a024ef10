"""Folders of class folders, alone or below train/ [val/] test/."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from headstart.core.errors import DataError
from headstart.data.class_names import spell
from headstart.data.inputs import Files, printable
from headstart.data.listing import Listing, split_name
from headstart.data.walk import Walk, entries, identity, is_picture, pictures, shortened


def split_folders(root: Path) -> dict[str, list[str]]:
    """Folders that hold the splits, by "train", "val", "test"; empty where ``root`` is not laid out like that.

    It is when there is a train folder that holds folders and no pictures, and every other folder is named like a
    split too or there is a test or val folder: a class that happens to be called "train" holds pictures.
    """
    found: dict[str, list[str]] = {}
    folders, _ = entries(root)
    for name in folders:
        if split := split_name(name):
            found.setdefault(split, []).append(name)
    named = sum(len(names) for names in found.values())
    if "train" not in found or (named < len(folders) and len(found) == 1):
        return {}
    return found if all(_holds_folders_only(root / name) for name in found["train"]) else {}


def class_folders(root: Path) -> list[str]:
    """Names of the folders in ``root`` that hold at least one picture."""
    return [name for name in entries(root)[0] if next(pictures(str(root / name), Walk()), None)]


def split_listing(root: Path, found: dict[str, list[str]]) -> Listing:
    """Rows of train/ [val/] test/, each with class folders."""
    walk, notes = Walk(), []
    rows: list[tuple[str, str, str]] = []
    for split, names in found.items():
        for name in names:
            below = _class_rows(root / name, walk, frozenset({identity(root)}))
            if not below and split != "train" and next(pictures(str(root / name), Walk()), None):
                notes.append(f"{name}/ holds pictures but no class folders, so their classes are unknown: left out")
            rows += [(path, target, split) for path, target in below]
    ignored = [name for name in entries(root)[0] if split_name(name) is None]
    if ignored:
        notes.append(f"folders beside the splits were ignored: {shortened(ignored)}")
    listing = _listing(root, rows, [*notes, *walk.notes()])
    if not any(split == "train" for split in listing.split):
        raise DataError(_no_classes(root / found["train"][0]))
    if set(listing.split) == {"train"}:
        return listing.as_split("")
    return listing


def class_listing(root: Path) -> Listing:
    """Rows of a folder of class folders."""
    walk = Walk()
    rows = [(path, target, "") for path, target in _class_rows(root, walk)]
    if not rows:
        raise DataError(_no_classes(root))
    loose = [name for name in entries(root)[1] if is_picture(str(root / name))]
    notes = [f"{len(loose)} pictures beside the class folders have no class: left out"] if loose else []
    return _listing(root, rows, [*notes, *walk.notes()])


def _class_rows(root: Path, walk: Walk, above: frozenset[tuple[int, int]] = frozenset()) -> list[tuple[str, str]]:
    """Paths with their class; a symlink back to ``root`` would bring in the pictures of other classes."""
    above |= {identity(root)}
    return [(path, name) for name in entries(root)[0] for path in pictures(str(root / name), walk, above)]


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


def _holds_folders_only(folder: Path) -> bool:
    folders, files = entries(folder)
    return bool(folders) and not any(is_picture(str(folder / name)) for name in files)


def _no_classes(root: Path) -> str:
    folders, files = entries(root)
    loose = sum(is_picture(str(root / name)) for name in files)
    if not folders and not files:
        came = "it is empty"
    elif loose:
        came = f"it holds {loose} pictures directly, whose classes nobody knows"
    else:
        came = f"it holds {len(folders)} folders and {len(files)} files, and no picture in any folder"
    return (
        f"{root} must hold one folder of pictures per class, or train/ and test/ with such folders, or a table with "
        f"a column of paths and a column of class names; {came}. "
        "Put the pictures of each class into a folder of its name."
    )
