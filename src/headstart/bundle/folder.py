"""A folder that is there as a whole or not at all, however its writer ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from headstart.core.errors import ConfigError
from headstart.core.files import sync_folder


@contextlib.contextmanager
def atomic_folder(folder: Path, marker: str) -> Iterator[Path]:
    """Yield an empty folder beside ``folder``; on success it takes that name, on an error it disappears.

    A killed writer leaves a hidden ``.<name>.*.new`` folder, which the next writer removes. An older folder of the
    same name is replaced when it holds the file ``marker``.

    Raises:
        ConfigError: ``folder`` exists and is something else.
    """
    _require_replaceable(folder, marker)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    # mkdir, not mkdtemp: a bundle is copied and served by others, so it gets the user's usual permissions.
    building = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    building.mkdir()
    try:
        yield building
        sync_folder(building)
        _take_place(building, folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def _require_replaceable(folder: Path, marker: str) -> None:
    empty = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not empty and not (folder / marker).is_file():
        raise ConfigError(
            f"the place of a bundle must be free, empty or an older bundle; {folder} holds other files. "
            "Name another place."
        )


def _remove_leftovers(folder: Path) -> None:
    """Unfinished folders of writers that were killed; the run's lock makes this process the only writer."""
    for left in folder.parent.iterdir():
        if left.name.startswith(f".{folder.name}.") and left.suffix in {".new", ".old"}:
            shutil.rmtree(left, ignore_errors=True)


def _take_place(building: Path, folder: Path) -> None:
    """Rename; a folder cannot be replaced in one step everywhere, so an older one steps aside first."""
    if not folder.exists():
        os.rename(building, folder)
        return
    aside = building.with_suffix(".old")
    os.rename(folder, aside)
    try:
        os.rename(building, folder)
    except OSError:
        os.rename(aside, folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def sync_file(path: Path) -> None:
    """Make a file's content durable before the folder that holds it gets its name."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
