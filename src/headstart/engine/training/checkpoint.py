"""Checkpoints: one safetensors file each, written whole or not at all; the last good ones stay."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from headstart.core.errors import IntegrityError
from headstart.core.files import atomic

logger = logging.getLogger(__name__)

SCHEMA = 1
KEY = "headstart"  # safetensors writes several keys in an order that differs from run to run
SUFFIX = ".checkpoint"
KEEP = 2


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and JSON."""

    tensors: dict[str, Tensor]
    document: dict[str, Any]


class Checkpoints:
    """The checkpoints of one training in a folder.

    Args:
        folder: Made when something is written.
        identity: JSON of what a training must share with a checkpoint to go on from it: data, model, method,
            settings, versions.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder = folder
        self.identity = dict(identity)

    def save(self, step: int, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> bool:
        """Write one, and let go of all but the last two; False, with a warning, where the disk is full.

        Args:
            step: Which it is of.
            tensors: Of any shape, by name.
            document: JSON to keep with them.
        """
        content = {"schema": SCHEMA, "identity": self.identity, **document}
        data = save(
            {name: value.detach().cpu().contiguous() for name, value in tensors.items()},
            metadata={KEY: json.dumps(content)},
        )
        path = self.folder / f"{step:09d}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic(path) as stream:
                stream.write(data)
        except OSError as error:
            logger.warning("no checkpoint could be written (%s); the last good one stays", error)
            return False
        for old in self._paths()[:-KEEP]:
            old.unlink(missing_ok=True)
        return True

    def latest(self) -> Checkpoint | None:
        """The newest that is whole and belongs to this training; None where there is none.

        Raises:
            IntegrityError: the newest whole one is of another training or a newer version.
        """
        for path in reversed(self._paths()):
            try:
                found = _read(path)
            except IntegrityError as error:
                logger.warning("%s The one before it is used.", error)
                continue
            self._require_same(path, found)
            return found
        return None

    def copy_latest(self, there: Checkpoints) -> None:
        """The newest file, in another folder and alone there; a link where the disk can, so that it takes no room."""
        for path in self._paths()[-1:]:
            there.clear()
            there.folder.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, there.folder / path.name)
            except OSError:
                shutil.copy2(path, there.folder / path.name)

    def clear(self) -> None:
        """Remove all: the training is done and its result is kept elsewhere."""
        for path in self._paths():
            path.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            os.rmdir(self.folder)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def _require_same(self, path: Path, found: Checkpoint) -> None:
        theirs = found.document["identity"]
        others = sorted(key for key in {*theirs, *self.identity} if theirs.get(key) != self.identity.get(key))
        if others:
            raise IntegrityError(
                f"a checkpoint must be of the training that goes on from it; {path.name} differs in "
                f"{', '.join(others)}. Begin a new run, or restore what it was written with."
            )


def _read(path: Path) -> Checkpoint:
    try:
        with safe_open(path, "pt") as file:
            document = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise IntegrityError(f"{path.name} must be a whole checkpoint; it cannot be read ({error}).") from None
    if document.get("schema") != SCHEMA:
        raise IntegrityError(
            f"{path.name} must be a checkpoint of schema {SCHEMA}; it is of {document.get('schema')!r}. "
            "Go on with the version of Headstart that wrote it."
        )
    return Checkpoint(tensors, document)
