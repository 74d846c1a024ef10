"""Which files are in use by any process: readers share a lock, whoever removes a file must have it alone.

Where the system has no such locks (Windows), it refuses to remove a file that is mapped, which serves as well.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def open_shared(path: Path) -> int:
    """A descriptor that holds a shared lock; raises FileNotFoundError when the file is gone or being removed."""
    handle = _open(path)
    if _lock(handle, exclusive=False) and os.fstat(handle).st_nlink > 0:
        return handle
    os.close(handle)
    raise FileNotFoundError(str(path))


def share(handle: int) -> int:
    """A second descriptor of an open file, with a shared lock that lasts until it is released."""
    second = os.dup(handle)
    _lock(second, exclusive=False)
    return second


@contextlib.contextmanager
def lock_for_removal(path: Path) -> Iterator[bool]:
    """Whether nobody uses the file, which stays so inside; raises OSError when it is gone."""
    handle = _open(path)
    try:
        yield _lock(handle, exclusive=True)
    finally:
        os.close(handle)


def release(handle: int) -> None:
    """Unlock and close; the lock goes although a mapping may keep the file open for a while."""
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
    os.close(handle)


def _lock(handle: int, *, exclusive: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:  # held the other way
        return False
    except OSError:  # a file system without locks: reading goes on, nothing is removed
        return not exclusive
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))  # Windows would translate line ends
