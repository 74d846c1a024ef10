"""The allocator's settings, in processes of their own."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from headstart.runtimes.allocator import set_allocator

HAS_GLIBC = hasattr(ctypes.CDLL(None), "gnu_get_libc_version") if sys.platform.startswith("linux") else False
FAULTS = """
import ctypes, resource, sys
from headstart.runtimes.allocator import set_allocator
if sys.argv[1] == "set":
    assert set_allocator()
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
def use():
    block = library.malloc(64 << 20)
    ctypes.memset(block, 1, 64 << 20)
    library.free(block)
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def in_process(code: str, *arguments: str, **environment: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(not HAS_GLIBC, reason="needs glibc")
def test_a_freed_block_of_64_mib_is_used_again_without_touching_new_pages():
    assert int(in_process(FAULTS, "set")) < 100
    assert int(in_process(FAULTS, "default")) > 1000 or _huge_pages()


def _huge_pages() -> bool:
    """Where the system maps 2 MiB at a time, even the default touches few pages."""
    path = "/sys/kernel/mm/transparent_hugepage/enabled"
    return os.path.exists(path) and "[always]" in open(path, encoding="ascii").read()


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_the_user_set_stays(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert set_allocator() is False


def test_elsewhere_it_is_quiet(monkeypatch):
    for variable in [name for name in os.environ if name.startswith(("MALLOC_", "GLIBC_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert set_allocator() is False
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # a C library without glibc's names
    assert set_allocator() is False
