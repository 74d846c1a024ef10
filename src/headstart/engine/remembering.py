"""Prepared inputs that are kept in memory: for passes that look at the same inputs again and again."""

from __future__ import annotations

import hashlib
from threading import Lock
from typing import Any

from headstart.core.modality import Array, Preparer
from headstart.core.preprocessing import Preprocessing

MOST_BYTES = 512 << 20  # 3,500 pictures of 224 px


class Memory:
    """What was prepared, until it is full; nothing is dropped, so that what is there is there in the next pass too."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._left = most_bytes
        self._kept: dict[tuple[str, bytes], Array] = {}
        self._lock = Lock()

    def prepared(self, preparer: Preparer, name: str, content: bytes) -> Array:
        """By a preparer that is known by ``name``; what is returned must not be changed."""
        key = name, hashlib.sha256(content).digest()
        found = self._kept.get(key)
        if found is None:
            found = preparer.prepare(content)
            with self._lock:
                if found.nbytes <= self._left and key not in self._kept:
                    self._kept[key] = found
                    self._left -= found.nbytes
        return found


class Remembering:
    """A :class:`headstart.core.modality.Preparer` that looks into a memory first."""

    def __init__(self, preparer: Preparer, memory: Memory) -> None:
        from headstart.core.files import sha256_json

        self._preparer, self._memory = preparer, memory
        self._name = sha256_json(preparer.address())

    @property
    def preprocessing(self) -> Preprocessing:
        """What is executed."""
        return self._preparer.preprocessing

    def prepare(self, content: bytes) -> Array:
        """One input; see the protocol."""
        return self._memory.prepared(self._preparer, self._name, content)

    def address(self) -> dict[str, Any]:
        """As that of what it remembers."""
        return self._preparer.address()
