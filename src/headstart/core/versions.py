"""Versions of installed packages, each read once: a lookup parses the package's whole description."""

from __future__ import annotations

import functools
from importlib import metadata


@functools.cache
def version(package: str) -> str:
    """As ``importlib.metadata.version`` has it; raises PackageNotFoundError where it is not installed."""
    return metadata.version(package)
