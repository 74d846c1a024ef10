"""A folder that nobody else reads and that does not outlive its process for long."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
import weakref
from pathlib import Path

from headstart.core.errors import BusyError
from headstart.core.lock import lock

PREFIX = "headstart-private-"
YOUNG_SECONDS = 60.0  # a folder this young may not have been locked yet


class PrivateFolder:
    """A temporary folder of mode 0700, removed when asked, at exit, or by the next one if this process is killed."""

    def __init__(self) -> None:
        _remove_orphans(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        held = contextlib.ExitStack()
        held.enter_context(lock(_lock_file(self.path), "a private folder"))
        self._finalizer = weakref.finalize(self, _remove, self.path, held)

    def remove(self) -> None:
        """Remove it with all it holds; again is harmless."""
        self._finalizer()


def _lock_file(folder: Path) -> Path:
    return folder / ".lock"


def _remove(folder: Path, held: contextlib.ExitStack) -> None:
    held.close()
    shutil.rmtree(folder, ignore_errors=True)


def _remove_orphans(parent: Path) -> None:
    """Folders of processes that were killed: their locks are free."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, BusyError):  # another user's, or in use
            if time.time() - folder.stat().st_mtime < YOUNG_SECONDS:
                continue
            with lock(_lock_file(folder), "a private folder"):
                shutil.rmtree(folder, ignore_errors=True)
