"""When gathered rows are written."""

from __future__ import annotations

import numpy as np
import pytest

from engine.helpers_engine import SPACE
from headstart.engine.activations import appender
from headstart.engine.activations.appender import Appender


class Noting:
    """A store that notes what it is given, or fails."""

    def __init__(self, failure=None):
        self.written = []
        self.failure = failure

    def write(self, space, keys, values):
        if self.failure:
            raise self.failure
        self.written.append((space, keys, values))

    @property
    def rows(self):
        return [len(keys) for _, keys, _ in self.written]


def batch(first, rows, width=2):
    numbers = np.arange(first, first + rows)
    return np.tile(numbers[:, None], 32).astype(np.uint8), np.tile(numbers[:, None], width).astype(np.float32)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(appender, "FIRST_ROWS", 4)
    monkeypatch.setattr(appender, "SHARE", 2)


def append_all(store, *batches):
    writer = Appender(store, SPACE)
    for each in batches:
        writer.append(*each)
    writer.close()


def test_segments_grow_with_what_was_written_before(small):
    store = Noting()
    append_all(store, *(batch(i, 1) for i in range(41)))
    assert store.rows == [4, 4, 4, 6, 9, 13, 1]  # half of 4, 8: fewer than 4; half of 12, 18, 27; what is left
    assert np.array_equal(np.concatenate([keys for _, keys, _ in store.written]), batch(0, 41)[0])
    assert np.array_equal(np.concatenate([values for _, _, values in store.written]), batch(0, 41)[1])
    assert all(space == SPACE for space, _, _ in store.written)


def test_waiting_rows_are_written_before_they_fill_the_memory(small, monkeypatch):
    monkeypatch.setattr(appender, "MAX_BYTES", 48)  # three rows of 16 bytes
    store = Noting()
    append_all(store, *(batch(i, 1, width=4) for i in range(7)))
    assert store.rows == [3, 3, 1]


def test_rows_of_another_shape_begin_a_segment(small):
    store = Noting()
    append_all(store, batch(0, 1), batch(1, 1), batch(2, 1, width=3), batch(3, 1))
    assert [values.shape for _, _, values in store.written] == [(2, 2), (1, 3), (1, 2)]


def test_nothing_is_written_of_nothing():
    store = Noting()
    append_all(store)
    assert store.written == []


def test_a_failed_write_is_raised_once_and_the_thread_ends(small):
    writer = Appender(Noting(OSError("no space")), SPACE)
    writer.append(*batch(0, 4))
    with pytest.raises(OSError, match="no space"):
        writer.append(*batch(4, 4))
    with pytest.raises(OSError, match="no space"):
        writer.close()  # of the second
    with pytest.raises(RuntimeError, match="shutdown"):
        writer.append(*batch(8, 4))
