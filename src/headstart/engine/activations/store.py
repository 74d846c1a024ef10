"""The activation store: many immutable segments; the listing of their folder is the index.

One folder per space, one file per segment. Writers add files under names of their own, so any number of processes
share a store; a file is either whole or not there, so a process may be killed at any moment. A reader holds a shared
lock on each segment that it found a row in, and eviction passes over segments that are locked.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError, ShapeError, SpaceError
from headstart.core.resources import MIB
from headstart.engine.activations import segment as segments
from headstart.engine.activations.address import Space
from headstart.engine.activations.private_folder import PrivateFolder
from headstart.engine.activations.segment import KEY_BYTES, Keys
from headstart.engine.activations.share_lock import lock_for_removal, release
from headstart.engine.activations.shelf import DAMAGED, SUFFIX, Shelf

logger = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 10 << 30  # 10 GiB: two million images at 1,280 features, or 150,000 early maps of 64 KiB
FORGOTTEN_SECONDS = 3600.0  # a temporary file this old has no writer: one is written in seconds


@dataclass(frozen=True)
class Kept:
    """What a store holds of one space.

    Attributes:
        parts: Of its address.
        rows: Counted with repetitions, which two processes at once may leave.
        size_bytes: On disk.
        last_used: Seconds since the epoch.
    """

    digest: str
    parts: Mapping[str, Any]
    dtype: str
    rows: int
    size_bytes: int
    last_used: float


class Store:
    """Rows by (space, key). Safe for several threads, and for several processes on one folder."""

    def __init__(self, root: Path, limit_bytes: int | None, private: PrivateFolder | None = None) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
        self._private = private
        self._shelves: dict[str, Shelf] = {}
        self._written: list[int] = []
        self._lock = threading.RLock()
        self._warned = False

    @classmethod
    def open(cls, root: Path | None, limit_bytes: int | None = DEFAULT_LIMIT_BYTES) -> Store:
        """A store in ``root``, readable by its owner alone (mode 0700).

        Args:
            root: None: a temporary folder that is removed on close (and at the latest by the next such store when
                this process is killed).
            limit_bytes: What it may keep; least recently used segments go first. None: no limit.
        """
        if root is None:
            private = PrivateFolder()
            return cls(private.path, None, private)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)  # early activations can be inverted to pictures
        _remove_forgotten(root)
        return cls(root, limit_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, space: Space, keys: Keys) -> NDArray[np.bool_]:
        """``(N,)``: which of ``keys`` ``(N, 32)`` uint8 are not kept. Rows found are checked; damaged ones are missing.

        What was found, and what was written, stays on disk until this store is closed, whatever its limit.
        """
        with self._lock:
            return self._shelf(space).missing(_checked(keys))

    def read(self, space: Space, keys: Keys) -> NDArray[Any]:
        """``(N, ...)`` float32 (uint8 where that is kept) in the order of ``keys``, in memory of its own.

        Raises:
            IntegrityError: a row is not kept, or was damaged since; run the pass again.
        """
        with self._lock:
            return self._shelf(space).read(_checked(keys))

    def read_each(self, space: Space, keys: Keys) -> list[NDArray[Any]]:
        """Rows one by one, of any shapes, in the order of ``keys``; raises what :meth:`read` raises."""
        with self._lock:
            return self._shelf(space).read_each(_checked(keys))

    def write(self, space: Space, keys: Keys, values: NDArray[Any]) -> None:
        """Keep rows as one new segment, on disk when this returns.

        Args:
            space: Of all rows.
            keys: ``(n, 32)`` uint8, distinct.
            values: ``(n, ...)``.

        Raises:
            ShapeError: not one row per key.
            SpaceError: the disk is full.
        """
        if len(_checked(keys)) != len(values):
            raise ShapeError(f"there must be one row per key; got {len(keys)} keys and {len(values)} rows.")
        if len(keys) == 0:
            return
        path = self.root / space.digest / f"{time.time_ns():016x}-{secrets.token_hex(4)}{SUFFIX}"
        with self._lock:
            self._make_room(values.nbytes)
        try:
            handle = segments.write(path, space, keys, values)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise SpaceError(
                f"activations need {values.nbytes / MIB:,.0f} MiB more in {self.root}, but the disk is full. Free some "
                "space, or name another place with HEADSTART_CACHE; what was kept so far will be used."
            ) from error
        with self._lock:
            self._written.append(handle)  # in use until closed: making room must not undo this job's work

    def list(self) -> Sequence[Kept]:
        """What is kept, most recently used first."""
        found = (_kept(folder) for folder in self._folders())
        return sorted((kept for kept in found if kept), key=lambda kept: -kept.last_used)

    def size_bytes(self) -> int:
        """Of all files of the store."""
        return sum(status.st_size for _, status in self._files())

    def clear(self) -> int:
        """Remove every segment that no other process uses; returns the bytes freed."""
        with self._lock:
            self._release()
            freed = self._evict(0)
        for folder in self._folders():
            with contextlib.suppress(OSError):  # not empty: in use
                folder.rmdir()
        return freed

    def evict(self) -> int:
        """Remove least recently used segments, none in use, until the limit holds; returns the bytes freed."""
        with self._lock:
            return 0 if self.limit_bytes is None else self._evict(self.limit_bytes)

    def verify(self) -> Sequence[str]:
        """Check every byte; damaged segments are set aside, and their paths below the root returned."""
        damaged = []
        for path, _ in self._files():
            if path.suffix == SUFFIX and not segments.verify(path):
                damaged.append(path.relative_to(self.root).as_posix())
                path.rename(path.with_suffix(DAMAGED))
        return damaged

    def close(self) -> None:
        """Let go of all segments; a private folder is removed, another one brought under its limit."""
        with self._lock:
            self._release()
        if self._private:
            self._private.remove()
        else:
            self.evict()

    def _release(self) -> None:
        for shelf in self._shelves.values():
            shelf.close()
        self._shelves.clear()
        for handle in self._written:
            release(handle)
        self._written.clear()

    def _shelf(self, space: Space) -> Shelf:
        digest = space.digest
        if digest not in self._shelves:
            self._shelves[digest] = Shelf(self.root / digest, space)
        return self._shelves[digest]

    def _folders(self) -> Sequence[Path]:
        return sorted(path for path in self.root.iterdir() if path.is_dir())

    def _files(self) -> Sequence[tuple[Path, os.stat_result]]:
        found = []
        for folder in self._folders():
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):  # another process evicts too
                    found.append((path, path.stat()))
        return found

    def _make_room(self, needed: int) -> None:
        if self.limit_bytes is None:
            return
        self._evict(self.limit_bytes - needed)
        if not self._warned and self.size_bytes() + needed > self.limit_bytes:
            self._warned = True
            logger.warning(
                "this job needs more activations than the limit of %.0f MiB allows: the store grows beyond it now, and "
                "is brought under it at the end; a larger limit would save the next run from computing them again",
                self.limit_bytes / MIB,
            )

    def _evict(self, limit: int) -> int:
        files = self._files()
        excess = sum(status.st_size for _, status in files) - limit
        freed = 0
        for path, status in sorted(files, key=lambda file: (file[0].suffix != DAMAGED, file[1].st_mtime)):
            if freed >= excess:
                break
            if path.suffix in (SUFFIX, DAMAGED) and _remove_unused(path):
                freed += status.st_size
        if freed:
            logger.info("removed %.0f MiB of kept activations, least recently used first", freed / MIB)
        return freed


def _checked(keys: Keys) -> Keys:
    if keys.ndim != 2 or keys.shape[1] != KEY_BYTES or keys.dtype != np.uint8:
        raise ShapeError(f"keys must be (N, {KEY_BYTES}) uint8; got {keys.shape} {keys.dtype}.")
    return keys


def _remove_unused(path: Path) -> bool:
    try:
        with lock_for_removal(path) as is_free:
            if is_free:
                path.unlink()
            return is_free
    except OSError:  # gone already, or mapped on a system that does not remove mapped files
        return False


def _remove_forgotten(root: Path) -> None:
    """Temporary files of writers that were killed."""
    for path in root.glob("*/.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
                path.unlink()


def _kept(folder: Path) -> Kept | None:
    headers, sizes, used = [], 0, 0.0
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(IntegrityError, OSError):
            headers.append(segments.read_header(path))
            sizes += path.stat().st_size
            used = max(used, path.stat().st_mtime)
    if not headers:
        return None
    rows = sum(header["rows"] for header in headers)
    return Kept(folder.name, headers[0]["parts"], headers[0]["dtype"], rows, sizes, used)
