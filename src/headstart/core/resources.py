"""What this machine has, and what a process used: memory in MiB, time in seconds."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.errors import SpaceError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

MIB = 1 << 20


def cpu_count() -> int:
    """Processors this process may use (its affinity, where the system tells)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def cache_folder() -> Path:
    """``$HEADSTART_CACHE``, else the platform's cache folder for Headstart."""
    if named := os.environ.get("HEADSTART_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "headstart"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "headstart" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headstart"


def peak_memory_mib() -> float | None:
    """Largest resident memory of this process so far in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak / 1024  # bytes there, KiB on Linux


def free_memory_mib() -> float | None:
    """What a process may still take without swapping, within its control group; None where the system does not tell."""
    try:
        facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        free = int(facts["MemAvailable"].split()[0]) / 1024
    except (OSError, KeyError, ValueError):
        return None
    with contextlib.suppress(OSError, ValueError):  # "max" is no number: then nothing more is held back
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        free = min(free, (limit - used) / MIB)
    return free


def cpu_seconds() -> float:
    """Processor time of this process and its ended children, user and system."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def require_space(folder: Path, needed_bytes: int, what: str) -> None:
    """Raise SpaceError unless the disk of ``folder`` (or its nearest existing parent) has ``needed_bytes`` free."""
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if free < needed_bytes:
        raise SpaceError(
            f"{what} needs about {needed_bytes / MIB:,.0f} MiB on the disk of {there}; {free / MIB:,.0f} MiB are free. "
            "Free some space, or name another place with --out or HEADSTART_CACHE."
        )


@contextlib.contextmanager
def one_blas_thread() -> Iterator[None]:
    """Run NumPy's and SciPy's BLAS with one thread.

    Two threads make small problems 8 to 25 times slower: they wait for each other longer than they compute.
    """
    with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
        yield


@functools.lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """What is loaded, looked for again only after an import (``modules`` counts them): looking takes a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
