"""Files below a folder, in one order on every machine: hidden ones left out, symlinks followed once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headstart.data.headers import sniff

PICTURES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .dib .webp .tif .tiff .ppm .pgm .pbm .pnm .avif .jp2 .heic .heif".split()
)
TABLES = frozenset((".csv", ".tsv", ".jsonl", ".parquet", ".feather"))
# Files that are certainly no pictures, so that they need not be opened to find out.
DOCUMENTS = TABLES | frozenset(
    ".txt .md .rst .json .xml .yaml .yml .html .htm .pdf .py .ipynb .npy .npz .zip .gz .tar".split()
)
LEFT_BY_SYSTEMS = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir"))
SNIFFED_BYTES = 16


@dataclass
class Walk:
    """What a walk left out on its way."""

    others: list[str] = field(default_factory=list)  # files that are no pictures by name and content
    loops: list[str] = field(default_factory=list)  # symlinks that lead to a folder they are in
    closed: list[str] = field(default_factory=list)  # folders that may not be listed

    def notes(self) -> list[str]:
        """Sentences for people; empty when nothing was left out."""
        found = [
            ("that are not pictures were ignored", "files", self.others),
            ("that lead back to a folder above them were not followed", "symlinks", self.loops),
            ("that may not be listed were left out", "folders", self.closed),
        ]
        return [f"{len(paths)} {what} {why}: {shortened(paths)}" for why, what, paths in found if paths]


def shortened(names: list[str], most: int = 3) -> str:
    """The first few names.

    >>> shortened(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def is_hidden(name: str) -> bool:
    """A name that users do not see or did not make."""
    return name.startswith(".") or name in LEFT_BY_SYSTEMS


def entries(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the folders and of the files directly in ``folder``, sorted, hidden ones left out."""
    with os.scandir(folder) as found:
        seen = sorted((entry.name, _is_folder(entry)) for entry in found if not is_hidden(entry.name))
    return [name for name, is_folder in seen if is_folder], [name for name, is_folder in seen if not is_folder]


def identity(folder: str | Path) -> tuple[int, int]:
    """Device and inode: the same for a folder and every symlink to it."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def pictures(folder: str, walk: Walk, above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[str]:
    """Paths of all pictures in and below ``folder``, sorted by name folder by folder.

    Args:
        folder: Where to begin.
        walk: Notes what is left out.
        above: Folders that a symlink must not lead back to, besides those on the way.
    """
    here = identity(folder)
    if here in above:
        walk.loops.append(folder)
        return
    try:
        with os.scandir(folder) as found:
            listed = sorted(found, key=lambda entry: entry.name)
    except PermissionError:
        walk.closed.append(folder)
        return
    for entry in listed:
        if is_hidden(entry.name):
            continue
        if _is_folder(entry):
            yield from pictures(entry.path, walk, above | {here})
        elif is_picture(entry.path):
            yield entry.path
        else:
            walk.others.append(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symlink to itself: reading it will say so
        return False


def is_picture(path: str) -> bool:
    """By the ending of the name; by the first bytes where the ending says nothing."""
    ending = os.path.splitext(path)[1].lower()
    if ending in PICTURES:
        return True
    if ending in DOCUMENTS:
        return False
    try:
        with open(path, "rb") as stream:
            return sniff(stream.read(SNIFFED_BYTES)) is not None
    except OSError:
        return False
