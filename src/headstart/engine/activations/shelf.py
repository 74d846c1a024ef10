"""The segments of one space: found by listing the folder, searched by key."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import IntegrityError
from headstart.engine.activations.address import Space
from headstart.engine.activations.segment import Keys, Segment, as_strings, open_segment, result_dtype

logger = logging.getLogger(__name__)

SUFFIX = ".segment"
DAMAGED = ".damaged"
NOWHERE = -1


class Shelf:
    """The segments of one space that this process knows; those whose rows were asked for stay while it is open."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.folder = folder
        self.space = space
        self._segments: list[Segment] = []
        self._refused: set[Path] = set()
        self._touched: set[Path] = set()
        self._sorted = np.empty(0, dtype="S32")  # all keys
        self._where = np.empty((0, 2), dtype=np.int64)  # segment and row of each sorted key

    def missing(self, keys: Keys) -> NDArray[np.bool_]:
        """``(n,)``: which of the keys ``(n, 32)`` are not kept; every row found is checked."""
        while True:
            where = self._find(keys)
            if all([self._usable(segment, where[places, 1]) for segment, places in self._by_segment(where)]):
                return np.asarray(where[:, 0] == NOWHERE)

    def read(self, keys: Keys) -> NDArray[Any]:
        """Rows in the order of keys; raises IntegrityError when one is not kept or damaged."""
        where = self._find(keys)
        if lost := int(np.sum(where[:, 0] == NOWHERE)):
            raise IntegrityError(f"all {len(keys)} rows must be kept; {lost} are not. Run the feature pass again.")
        shape = self._segments[0].row_shape if self._segments else ()
        out = np.empty((len(keys), *shape), result_dtype(self.space.dtype))
        for segment, places in self._by_segment(where):
            try:
                segment.read_into(out, places, where[places, 1])
            except (IntegrityError, FileNotFoundError) as error:
                self._leave_out(segment, error)
                raise IntegrityError(f"{error} It is not used any more: run the feature pass again.") from None
        return out

    def read_each(self, keys: Keys) -> list[NDArray[Any]]:
        """Rows one by one, of any shapes, in the order of keys; raises what :meth:`read` raises."""
        where = self._find(keys)
        if lost := int(np.sum(where[:, 0] == NOWHERE)):
            raise IntegrityError(f"all {len(keys)} rows must be kept; {lost} are not. Run the feature pass again.")
        found: list[Any] = [None] * len(keys)
        for segment, places in self._by_segment(where):
            out = np.empty((len(places), *segment.row_shape), result_dtype(self.space.dtype))
            try:
                segment.read_into(out, np.arange(len(places)), where[places, 1])
            except (IntegrityError, FileNotFoundError) as error:
                self._leave_out(segment, error)
                raise IntegrityError(f"{error} It is not used any more: run the feature pass again.") from None
            for place, row in zip(places, out, strict=True):
                found[place] = row
        return found

    def close(self) -> None:
        """Unlock everything; the shelf is empty afterwards."""
        for segment in self._segments:
            segment.close()
        self._segments.clear()
        self._index()

    def _usable(self, segment: Segment, rows: NDArray[np.int64]) -> bool:
        try:
            segment.check(rows)
        except (IntegrityError, FileNotFoundError) as error:
            self._leave_out(segment, error)
            return False
        return True

    def _find(self, keys: Keys) -> NDArray[np.int64]:
        """``(N, 2)`` segment and row of each key, NOWHERE where there is none."""
        self._refresh()
        where = np.full((len(keys), 2), NOWHERE, dtype=np.int64)
        if len(self._sorted) == 0:
            return where
        wanted = as_strings(keys)
        places = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        found = self._sorted[places] == wanted
        where[found] = self._where[places[found]]
        return where

    def _by_segment(self, where: NDArray[np.int64]) -> Iterator[tuple[Segment, NDArray[np.int64]]]:
        """Segments that hold any of the rows, with the places in ``where``; marks them as used now."""
        order = np.argsort(where[:, 0], kind="stable")
        numbers, first = np.unique(where[order, 0], return_index=True)
        groups = zip(numbers, np.split(order, first[1:]), strict=True) if len(numbers) else ()
        segments = list(self._segments)  # as `where` counts them: leaving one out must not move the others
        for number, places in groups:
            if number != NOWHERE:
                self._touch(segments[number].path)
                yield segments[number], places

    def _refresh(self) -> None:
        """Open segments that appeared since; those that are open stay, even if their files were removed."""
        known = {segment.path for segment in self._segments} | self._refused
        before = len(self._segments)
        for path in self._listing():
            if path not in known and (segment := self._open(path)):
                self._segments.append(segment)
        if len(self._segments) > before:
            self._index()

    def _listing(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(SUFFIX))
        except FileNotFoundError:
            return []
        return [self.folder / name for name in names]

    def _open(self, path: Path) -> Segment | None:
        try:
            segment = open_segment(path, self.space.digest)
            is_other = self._segments and segment.row_shape != self._segments[0].row_shape
            if is_other and not self.space.is_ragged:
                raise IntegrityError(f"{path.name} must hold rows of the shape of the others; it does not.")
        except FileNotFoundError:
            return None
        except IntegrityError as error:
            self._set_aside(path, error)
            return None
        return segment

    def _index(self) -> None:
        counts = [len(segment.keys) for segment in self._segments]
        keys = np.concatenate([as_strings(s.keys) for s in self._segments] or [np.empty(0, dtype="S32")])
        numbers = np.repeat(np.arange(len(counts)), counts)
        rows = np.concatenate([np.arange(count) for count in counts] or [np.empty(0, dtype=np.int64)])
        order = np.argsort(keys, kind="stable")
        self._sorted, self._where = keys[order], np.stack([numbers, rows], axis=1)[order]

    def _leave_out(self, segment: Segment, reason: Exception) -> None:
        segment.close()
        self._segments.remove(segment)
        self._index()
        if isinstance(reason, IntegrityError):  # else another process evicted it
            self._set_aside(segment.path, reason)

    def _set_aside(self, path: Path, reason: Exception) -> None:
        logger.warning("kept activations are damaged and will be computed again: %s", reason)
        self._refused.add(path)
        with contextlib.suppress(OSError):  # another process did it, or the folder cannot be written
            path.rename(path.with_suffix(DAMAGED))

    def _touch(self, path: Path) -> None:
        """The time of last use, for eviction; once per process is often enough."""
        if path not in self._touched:
            self._touched.add(path)
            with contextlib.suppress(OSError):
                os.utime(path)
