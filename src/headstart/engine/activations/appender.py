"""Rows gathered into segments and written beside the work that produces them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.engine.activations.address import Space
from headstart.engine.activations.segment import Keys
from headstart.engine.activations.store import Store

FIRST_ROWS = 512
SHARE = 8  # a segment holds up to 1/8 of what was written before it: files stay few, a crash costs little
MAX_BYTES = 32 << 20  # waiting rows never take more memory than this, and a batch


class Appender:
    """Appends rows of one space; a thread writes a full segment while the next one is gathered."""

    def __init__(self, store: Store, space: Space) -> None:
        self.store = store
        self.space = space
        self._keys: list[Keys] = []
        self._values: list[NDArray[Any]] = []
        self._waiting_rows = self._waiting_bytes = self._written_rows = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="keep")
        self._writing: Future[None] | None = None

    def append(self, keys: Keys, values: NDArray[Any]) -> None:
        """Add rows ``(n, 32)`` and ``(n, ...)``; raises what an earlier write raised.

        A segment holds rows of one shape: rows of another shape begin a new one.
        """
        if self._values and self._values[0].shape[1:] != values.shape[1:]:
            self._start_writing()
        self._keys.append(keys)
        self._values.append(values)
        self._waiting_rows += len(keys)
        self._waiting_bytes += values.nbytes
        if self._waiting_rows >= max(FIRST_ROWS, self._written_rows // SHARE) or self._waiting_bytes >= MAX_BYTES:
            self._start_writing()

    def close(self) -> None:
        """Write what waits; all rows are on disk when this returns. Raises what a write raised."""
        try:
            self._start_writing()
            self._wait()
        finally:
            self._pool.shutdown()

    def _start_writing(self) -> None:
        self._wait()
        if self._waiting_rows:
            keys, values = np.concatenate(self._keys), np.concatenate(self._values)
            self._written_rows += self._waiting_rows
            self._keys, self._values, self._waiting_rows, self._waiting_bytes = [], [], 0, 0
            self._writing = self._pool.submit(self.store.write, self.space, keys, values)

    def _wait(self) -> None:
        if self._writing:
            writing, self._writing = self._writing, None
            writing.result()
