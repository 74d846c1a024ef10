"""A lock between processes that the system releases when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from headstart.core.errors import BusyError


def _acquire(handle: int, wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined]  # Windows only
        try:
            msvcrt.locking(handle, mode, 1)  # type: ignore[attr-defined]  # Windows only
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def lock(path: Path, what: str, *, wait: bool = False) -> Iterator[None]:
    """Hold ``path`` as a lock file; without ``wait``, a lock that is taken raises BusyError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _acquire(handle, wait):
            raise BusyError(
                f"{what} can be used by one process at a time; another one holds it now. Wait, or use another folder."
            )
        yield
    finally:
        os.close(handle)
