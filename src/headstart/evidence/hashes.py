"""What ties evidence to the data, the split, the predictions and the code that it came from.

The bundle adds the hash of its weights when it is written (``bundle.writing``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import headstart
from headstart.core.files import sha256_json

SOURCES = (".py", ".json")  # what decides figures: code, and the cards of networks


def hash_of_ids(ids: Iterable[Any]) -> str:
    """sha256 of the ids of test examples, whatever their order."""
    return sha256_json(sorted(str(each) for each in ids))


def hash_of_split(ids: Iterable[Any], parts: Iterable[str]) -> str:
    """sha256 of which example lies in which part ("train", "val", "test"), whatever their order.

    >>> hash_of_split(["a", "b"], ["train", "test"]) == hash_of_split(["b", "a"], ["test", "train"])
    True
    """
    return sha256_json(sorted([str(name), part] for name, part in zip(ids, parts, strict=True)))


def code_facts() -> dict[str, str]:
    """``version`` of Headstart, and ``sha256`` of its source files as they lie on this machine."""
    return {"version": headstart.__version__, "sha256": hash_of_sources(Path(headstart.__file__).parent)}


@lru_cache(maxsize=1)
def hash_of_sources(package: Path) -> str:
    """sha256 over paths and bytes of all source files below a folder, whatever their line ends."""
    digest = hashlib.sha256()
    for path in sorted(each for each in package.rglob("*") if each.suffix in SOURCES):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
