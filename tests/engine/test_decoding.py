"""Inputs prepared ahead by threads: in order, bounded by number and bytes, whatever is slow or fails."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.helpers_engine import PICTURES, Letters, png
from headstart.core.errors import DataError
from headstart.engine import decoding
from headstart.engine.decoding import Clock, prepared


class Sized(Letters):
    """A preparer whose arrays have as many bytes as the content says, and that counts those alive by request."""

    def __init__(self, pause=lambda size: 0.0):
        self.pause = pause
        self.lock = threading.Lock()
        self.made = 0

    def prepare(self, content):
        size = int(content)
        time.sleep(self.pause(size))
        with self.lock:
            self.made += size
        return np.zeros(size, np.uint8)


def reads_of(contents, drawn=None):
    for row, content in enumerate(contents):
        if drawn is not None:
            drawn.append(row)
        yield row, lambda content=content: content


def test_inputs_come_in_order_whichever_thread_was_first():
    def read(i):
        time.sleep(0.003 * (i % 3 == 0))
        return png((i, 0, 0))

    reads = ((i, lambda i=i: read(i)) for i in range(20))
    found = list(prepared(reads, PICTURES, workers=4, ahead=6))
    assert [item.row for item in found] == list(range(20))
    assert [int(item.values[0, 0, 0]) for item in found] == list(range(20))


@pytest.mark.parametrize("ahead", [1, 3, 40])
@pytest.mark.parametrize("workers", [1, 4])
def test_cheap_inputs_come_in_order_however_they_are_grouped(ahead, workers):
    texts = [b"%d" % i for i in range(500)]
    drawn: list[int] = []
    for place, item in enumerate(prepared(reads_of(texts, drawn), Letters(), workers=workers, ahead=ahead)):
        assert item.row == place
        assert item.values[: len(texts[place])].tolist() == list(texts[place])
        assert len(drawn) <= place + ahead, "no more under way than allowed"
    assert len(drawn) == 500


def test_cheap_inputs_share_tasks_and_slow_ones_have_one_each(monkeypatch):
    def sizes(pause):
        found = []
        original = decoding._prepare

        def recorded(reads, *rest):
            found.append(len(reads))
            return original(reads, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(decoding, "_prepare", recorded)
            list(prepared(reads_of([b"1"] * 150), Sized(lambda size: pause), workers=2, ahead=64))
        return found

    assert set(sizes(0.003)) == {1}
    assert 1 < max(sizes(0.0)) <= 64 // (decoding.TASKS_PER_WORKER * 2)


@pytest.mark.parametrize("workers", [1, 3])
def test_prepared_bytes_are_bounded_and_the_next_input_always_comes(workers):
    rng = np.random.default_rng(0)
    sizes = [int(size) for size in rng.integers(1, 2000, 300)]
    preparer, taken = Sized(), 0
    items = prepared(reads_of(b"%d" % size for size in sizes), preparer, workers=workers, ahead=64, ahead_bytes=3000)
    # Beyond the bound: one input per thread, and the task that is taken next (no more than 64 / 4 inputs).
    most = 3000 + workers * 2000 + 16 * 2000
    for item in items:
        assert preparer.made - taken <= most
        taken += item.values.nbytes
    assert taken == sum(sizes)


def test_inputs_larger_than_the_bound_come_one_by_one():
    preparer, taken = Sized(), 0
    for item in prepared(reads_of([b"1000"] * 20), preparer, workers=2, ahead=16, ahead_bytes=1):
        time.sleep(0.001)
        assert preparer.made - taken <= (1 + 2 + 2) * 1000  # taken next, its task, one per thread
        taken += item.values.nbytes
    assert taken == 20_000


def test_a_slow_first_input_does_not_stop_the_others_nor_they_it():
    sizes = [b"999"] + [b"10"] * 50
    preparer = Sized(lambda size: 0.05 if size == 999 else 0.0)
    found = list(prepared(reads_of(sizes), preparer, workers=2, ahead=32, ahead_bytes=20))
    assert [item.row for item in found] == list(range(51))


def test_failures_are_inputs_without_values():
    class Failing(Letters):
        def prepare(self, content):
            if content == b"data":
                raise DataError("it is empty")
            raise ValueError("no such codec")

    def missing():
        raise FileNotFoundError("gone")

    reads = [(0, lambda: b"data"), (1, lambda: b"odd"), (2, missing)]
    found = list(prepared(reads, Failing(), workers=1, ahead=4))
    assert [item.values for item in found] == [None] * 3
    assert [item.error for item in found] == ["it is empty", "cannot be decoded (ValueError: no such codec)", "gone"]


def test_leaving_early_ends_the_threads_and_leaves_the_rest_alone():
    preparer = Sized()
    before = set(threading.enumerate())
    items = prepared(reads_of([b"100"] * 1000), preparer, workers=3, ahead=8, ahead_bytes=200)
    next(items)
    started = set(threading.enumerate()) - before
    assert len(started) == 3
    items.close()
    for thread in started:
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert preparer.made <= 100 * (8 + 3)


def test_what_the_source_raises_is_raised():
    def broken():
        yield 0, lambda: b"1"
        raise OSError("the listing is gone")

    with pytest.raises(OSError, match="listing"):
        list(prepared(broken(), Letters(), workers=1, ahead=1))


def test_the_clock_counts_preparing():
    clock = Clock()
    list(prepared(reads_of([b"1"] * 4), Sized(lambda size: 0.005), workers=1, ahead=4, clock=clock))
    assert clock.decode >= 4 * 0.005
