"""A bound on the bytes that were prepared and not yet taken, which never stops what is waited for."""

from __future__ import annotations

import threading


class MemoryBound:
    """Threads ask before they prepare an input, and wait while too much is prepared that nobody took yet.

    Inputs come in tasks, each prepared by one thread. The task that is taken next never waits, so nobody waits for
    ever; beyond the bound are at most that task and one input per thread.

    Args:
        limit_bytes: Of arrays that are prepared and not taken.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._taken = 0  # inputs
        self._closed = False
        self._changed = threading.Condition()

    def enter(self, first: int) -> bool:
        """Wait until another input may be prepared.

        Args:
            first: Place of its task's first input, counted from 0 in the order of taking.

        Returns:
            Whether it is still wanted.
        """
        with self._changed:
            while self._held >= self._limit and first > self._taken and not self._closed:
                self._changed.wait()
            return not self._closed

    def hold(self, size: int) -> None:
        """An input of ``size`` bytes is prepared."""
        with self._changed:
            self._held += size

    def take(self, size: int) -> None:
        """The next input, of ``size`` bytes, was taken."""
        with self._changed:
            was_full = self._held >= self._limit
            self._held -= size
            self._taken += 1
            if was_full:
                self._changed.notify_all()

    def close(self) -> None:
        """Nothing more is wanted; nobody waits from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
