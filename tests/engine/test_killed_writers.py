"""Several processes on one store, killed at any moment: what is there is whole and right."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from engine.helpers_engine import SPACE, keys_of, rows_of
from headstart.engine.activations.store import Store

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from engine.helpers_engine import SPACE, keys_of, rows_of
from headstart.engine.activations.store import Store
first, step, count = (int(text) for text in sys.argv[3:6])
limit = int(sys.argv[6]) or None
with Store.open(Path(sys.argv[2]), limit) as store:
    print("ready", flush=True)
    for start in range(first, first + count * step, step):
        keys = keys_of(*range(start, start + step))
        store.write(SPACE, keys, rows_of(keys, 32))
print("done", flush=True)
"""
HERE = str(Path(__file__).parents[1])


def writer(root, first, step, count, limit=0):
    arguments = [sys.executable, "-c", WRITER, HERE, str(root), str(first), str(step), str(count), str(limit)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def require_right(root, numbers):
    """Everything that is found is right; returns how many rows that is."""
    keys = keys_of(*numbers)
    with Store.open(root) as store:
        assert store.verify() == []
        found = ~store.missing(SPACE, keys)
        assert np.array_equal(store.read(SPACE, keys[found]), rows_of(keys[found], 32))
    assert list(root.glob("*/*.damaged")) == []
    return int(found.sum())


def test_a_writer_killed_at_random_moments_leaves_whole_segments_and_the_next_goes_on(tmp_path):
    root = tmp_path / "store"
    moments = random.Random(0)
    rows = 0
    for attempt in range(5):
        process = writer(root, 0, 20, 400)
        time.sleep(moments.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = require_right(root, range(8000))
        assert found >= rows and found % 20 == 0, f"attempt {attempt}"
        rows = found
    with Store.open(root) as store:
        store.write(SPACE, keys_of("after"), rows_of(keys_of("after"), 32))
        assert not store.missing(SPACE, keys_of("after")).any()


def test_two_writers_and_a_reader_share_a_store(tmp_path):
    root = tmp_path / "store"
    processes = [writer(root, 0, 2, 50), writer(root, 10_000, 2, 50)]
    while any(process.poll() is None for process in processes):
        require_right(root, range(100))
    assert [process.communicate()[0] for process in processes] == ["done\n", "done\n"]
    assert require_right(root, [*range(100), *range(10_000, 10_100)]) == 200


def test_writers_under_a_small_limit_evict_each_others_rows_and_never_wrong_ones(tmp_path):
    root = tmp_path / "store"
    processes = [writer(root, first, 2, 100, 20_000) for first in (0, 10_000)]
    assert [process.communicate()[0] for process in processes] == ["done\n", "done\n"]
    with Store.open(root, 20_000) as store:
        store.evict()
        assert store.size_bytes() <= 20_000
    require_right(root, [*range(200), *range(10_000, 10_200)])
