"""glibc's allocator told to keep large blocks: two to three times the speed for networks on a processor.

By default each large tensor is mapped afresh and given back when it dies, and the system zeroes its pages every time.
"""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD = -1  # names and numbers of glibc's malloc.h
M_MMAP_MAX = -4
NEVER = 2**31 - 1


def set_allocator() -> bool:
    """Keep freed memory in the process; to be called before the first large allocation, before torch is imported.

    Returns:
        Whether it was set: False without glibc, and where the user set the allocator in the environment.
    """
    if any(name == "GLIBC_TUNABLES" or name.startswith("MALLOC_") for name in os.environ):
        return False
    if not sys.platform.startswith("linux"):
        return False
    try:
        library = ctypes.CDLL(None)
        _ = library.gnu_get_libc_version  # other C libraries have a mallopt too, with other numbers
        return bool(library.mallopt(M_MMAP_MAX, 0)) and bool(library.mallopt(M_TRIM_THRESHOLD, NEVER))
    except (OSError, AttributeError):
        return False
