"""Files below a folder, in one order on every machine: hidden ones left out, symlinks followed once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headstart.data.headers import sniff
from headstart.data.table_format import ENDINGS

PICTURES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .dib .webp .tif .tiff .ppm .pgm .pbm .pnm .avif .jp2 .heic .heif".split()
)
SOUNDS = frozenset((".wav", ".flac", ".ogg", ".mp3"))
TEXTS = frozenset((".txt",))
# Files that are certainly no inputs, so that they need not be opened to find out.
DOCUMENTS = ENDINGS | frozenset(
    ".md .rst .json .xml .yaml .yml .html .htm .pdf .py .ipynb .npy .npz .zip .gz .tar".split()
)
# Texts about the data, wherever they lie; compared in lower case, without the ending.
ABOUT = frozenset("readme license licence copying notice authors changelog citation copyright".split())
LEFT_BY_SYSTEMS = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini", "@eaDir"))
SNIFFED_BYTES = 16
SOUND_STARTS = (b"fLaC", b"OggS", b"ID3")
# Of as many files of two kinds the first is the data: texts beside pictures and recordings are about them.
ORDER = ("image", "sound", "text")
CALLED = {"image": "pictures", "sound": "recordings", "text": "texts"}


@dataclass
class Walk:
    """What a walk left out on its way."""

    others: list[str] = field(default_factory=list)  # files that are no inputs of the kind that was looked for
    loops: list[str] = field(default_factory=list)  # symlinks that lead to a folder they are in
    closed: list[str] = field(default_factory=list)  # folders that may not be listed

    def notes(self, modality: str | None = None) -> list[str]:
        """Sentences for people; empty when nothing was left out. ``modality`` is what was looked for."""
        found = [
            (f"that are not {called(modality)} were ignored", "files", self.others),
            ("that lead back to a folder above them were not followed", "symlinks", self.loops),
            ("that may not be listed were left out", "folders", self.closed),
        ]
        return [f"{len(paths)} {what} {why}: {shortened(paths)}" for why, what, paths in found if paths]


def called(modality: str | None) -> str:
    """What inputs of a kind are called in sentences.

    >>> called("sound"), called(None)
    ('recordings', 'pictures, recordings or texts')
    """
    return CALLED.get(modality, f"{modality} inputs") if modality else "pictures, recordings or texts"


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


def inputs(
    folder: str, walk: Walk, modality: str | None = None, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[str]:
    """Paths of all inputs in and below ``folder``, sorted by name folder by folder.

    Args:
        folder: Where to begin.
        walk: Notes what is left out.
        modality: The kind that is looked for; None: all kinds that are known.
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
            yield from inputs(entry.path, walk, modality, above | {here})
        elif is_input(entry.path, modality):
            yield entry.path
        else:
            walk.others.append(entry.path)


def is_input(path: str, modality: str | None = None) -> bool:
    """Whether a file is an input of that kind (None: of any)."""
    kind = modality_of(path)
    return kind is not None and modality in (None, kind)


def modality_of(path: str) -> str | None:
    """The kind of a file, "image", "sound" or "text", by the ending of its name; where that says nothing, by its start.

    None for everything else, and for texts that are about the data (README.txt).
    """
    stem, ending = os.path.splitext(os.path.basename(path))
    ending = ending.lower()
    if ending in PICTURES:
        return "image"
    if ending in SOUNDS:
        return "sound"
    if ending in TEXTS:
        return None if stem.lower() in ABOUT else "text"
    return None if ending in DOCUMENTS else _sniffed(path)


def most_frequent(modalities: Counter[str | None]) -> str | None:
    """The kind that most files are of; of as many, pictures before recordings before texts. None without any."""
    known = [kind for kind in ORDER if modalities[kind]]
    return max(known, key=lambda kind: modalities[kind]) if known else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symlink to itself: reading it will say so
        return False


def _sniffed(path: str) -> str | None:
    try:
        with open(path, "rb") as stream:
            start = stream.read(SNIFFED_BYTES)
    except OSError:
        return None
    if sniff(start) is not None:
        return "image"
    if start.startswith(SOUND_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WAVE"):
        return "sound"
    return None
