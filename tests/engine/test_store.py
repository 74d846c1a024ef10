"""The store: found again by content, repaired after damage, kept under its limit."""

from __future__ import annotations

import errno
import logging
import os
import re
import stat
import threading
import time

import numpy as np
import pytest

from engine.helpers_engine import SPACE, keys_of, rows_of
from headstart.core.errors import IntegrityError, ShapeError, SpaceError
from headstart.engine.activations import segment
from headstart.engine.activations.address import Space
from headstart.engine.activations.appender import Appender
from headstart.engine.activations.store import Store

OTHER = Space({"kind": "test", "name": "b"})


@pytest.fixture
def root(tmp_path):
    return tmp_path / "activations"


def segments_of(root):
    return sorted(root.glob("*/*.segment"))


def fill(store, *batches, space=SPACE, width=4):
    for batch in batches:
        store.write(space, keys_of(*batch), rows_of(keys_of(*batch), width))


def test_rows_of_many_segments_are_read_in_the_order_asked_for_and_by_any_store(root):
    with Store.open(root) as store:
        fill(store, range(10), range(10, 15), [99])
    wanted = keys_of(12, 3, 99, 3, 0)
    with Store.open(root) as store:
        assert store.missing(SPACE, wanted).tolist() == [False] * 5
        assert np.array_equal(store.read(SPACE, wanted), rows_of(wanted))


def test_missing_tells_exactly_what_is_not_there(root):
    with Store.open(root) as store:
        assert store.missing(SPACE, keys_of(1, 2)).tolist() == [True, True]
        fill(store, [2, 4])
        assert store.missing(SPACE, keys_of(1, 2, 3, 4)).tolist() == [True, False, True, False]
        assert store.missing(OTHER, keys_of(2)).tolist() == [True]
        assert store.missing(SPACE, keys_of()).tolist() == []


def test_reading_what_is_not_kept_says_how_many_rows_and_what_to_do(root):
    with Store.open(root) as store:
        fill(store, [1])
        with pytest.raises(IntegrityError, match="all 3 rows must be kept; 2 are not. Run the feature pass again"):
            store.read(SPACE, keys_of(1, 2, 3))


def test_what_another_store_writes_is_seen_at_once(root):
    with Store.open(root) as one, Store.open(root) as other:
        fill(one, [1])
        assert not other.missing(SPACE, keys_of(1)).any()
        fill(other, [2])
        assert np.array_equal(one.read(SPACE, keys_of(1, 2)), rows_of(keys_of(1, 2)))


def test_rows_that_two_writers_both_kept_are_read_once(root):
    with Store.open(root) as store:
        fill(store, [1, 2], [2, 3])
        assert np.array_equal(store.read(SPACE, keys_of(3, 2, 1)), rows_of(keys_of(3, 2, 1)))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_maps_keep_their_shape_and_reading_gives_float32(root, dtype):
    space = Space({"kind": "map"}, dtype)
    values = np.random.default_rng(0).normal(size=(3, 2, 4, 4)).astype(np.float32)
    with Store.open(root) as store:
        store.write(space, keys_of(1, 2, 3), values)
        read = store.read(space, keys_of(1, 2, 3))
    assert read.dtype == np.float32 and read.shape == (3, 2, 4, 4)
    np.testing.assert_allclose(read, values, rtol=0 if dtype == "float32" else 2**-8)


def test_the_folder_is_its_owners_alone(root):
    root.mkdir(mode=0o755)
    Store.open(root).close()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_a_new_folder_is_its_owners_alone_from_the_first_moment(root, monkeypatch):
    monkeypatch.setattr("pathlib.Path.chmod", lambda path, mode: None)
    Store.open(root).close()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_a_damaged_segment_is_set_aside_and_its_rows_are_missing(root, caplog, when):
    with Store.open(root) as store:
        fill(store, range(5), range(5, 9))
        bad = segments_of(root)[0]
        if when == "while it is open":
            assert not store.missing(SPACE, keys_of(*range(9))).any()
        with bad.open("r+b") as stream:  # one bit of the last row's values
            stream.seek(-segment.SHA256_BYTES - segment.ALIGNMENT, os.SEEK_END)
            place = stream.tell()
            stream.seek(-1, os.SEEK_CUR)
            byte = stream.read(1)[0]
            stream.seek(place - 1)
            stream.write(bytes([byte ^ 1]))
        with caplog.at_level(logging.WARNING):
            if when == "while it is open":
                with pytest.raises(IntegrityError, match="not used any more: run the feature pass again"):
                    store.read(SPACE, keys_of(*range(9)))
            assert store.missing(SPACE, keys_of(*range(9))).tolist() == [True] * 5 + [False] * 4
        assert "damaged" in caplog.text and bad.name in caplog.text
        assert not bad.exists() and bad.with_suffix(".damaged").exists()
        fill(store, range(5))
        assert np.array_equal(store.read(SPACE, keys_of(*range(9))), rows_of(keys_of(*range(9))))


def test_verify_finds_damage_anywhere_and_sets_it_aside(root):
    with Store.open(root) as store:
        fill(store, [1], [2])
        assert store.verify() == []
        bad = segments_of(root)[1]
        content = bad.read_bytes()
        bad.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert store.verify() == [f"{SPACE.digest}/{bad.name}"]
        assert store.missing(SPACE, keys_of(1, 2)).sum() == 1


def test_no_rows_have_the_shape_of_the_others_if_there_are_any(root):
    small = Space({"kind": "test"}, "uint8")
    with Store.open(root) as store:
        assert store.read(SPACE, keys_of()).shape == (0,)
        fill(store, [1])
        assert store.read(SPACE, keys_of()).shape == (0, 4) and store.read(SPACE, keys_of()).dtype == np.float32
        assert store.read(small, keys_of()).dtype == np.uint8
        assert store.read_each(SPACE, keys_of()) == []
        store.write(SPACE, keys_of(), np.empty((0, 4), np.float32))
    assert len(segments_of(root)) == 1, "no rows are no segment"


def test_small_integers_come_back_as_they_are(root):
    space = Space({"kind": "test"}, "uint8")
    values = np.array([[0, 255], [7, 8]], np.uint8)
    with Store.open(root) as store:
        store.write(space, keys_of(1, 2), values)
        assert np.array_equal(store.read(space, keys_of(1, 2)), values)
        assert store.read(space, keys_of(1)).dtype == store.read_each(space, keys_of(1))[0].dtype == np.uint8


@pytest.mark.parametrize("reading", ["read", "read_each", "missing"])
def test_a_segment_that_another_process_evicted_is_missing_and_not_damaged(root, caplog, reading):
    with Store.open(root) as store:
        fill(store, [1], [2])
    with Store.open(root) as user, caplog.at_level(logging.WARNING):
        assert not user.missing(SPACE, keys_of(1)).any()  # both are known now, one is in use
        segments_of(root)[1].unlink()
        if reading != "missing":
            with pytest.raises(IntegrityError, match="not used any more: run the feature pass again"):
                getattr(user, reading)(SPACE, keys_of(1, 2))
        assert user.missing(SPACE, keys_of(1, 2)).tolist() == [False, True]
        fill(user, [2])
        assert np.array_equal(user.read(SPACE, keys_of(2, 1)), rows_of(keys_of(2, 1)))
    assert caplog.text == "" and list(root.glob("*/*.damaged")) == []


def test_a_damaged_segment_that_cannot_be_renamed_is_read_once(root, caplog, monkeypatch):
    with Store.open(root) as store:
        fill(store, [1], [2])
    bad = segments_of(root)[0]
    bad.write_bytes(b"torn")

    def refused(path, target):
        raise OSError("read-only")

    monkeypatch.setattr("pathlib.Path.rename", refused)
    with Store.open(root) as store, caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert store.missing(SPACE, keys_of(1, 2)).tolist() == [True, False]
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith("kept activations are damaged and will be computed again: ")


def test_a_row_that_is_found_damaged_when_it_is_read_is_set_aside(root):
    with Store.open(root) as store:
        fill(store, [1], [2])
    bad, good = segments_of(root)
    content = bytearray(bad.read_bytes())
    content[-96] ^= 1  # of the values, which begin 64 bytes before the checksum of the whole
    bad.write_bytes(content)
    with Store.open(root) as store:
        with pytest.raises(IntegrityError, match="run the feature pass again"):
            store.read(SPACE, keys_of(1, 2))
        assert segments_of(root) == [good] and bad.with_suffix(".damaged").exists()


def test_other_files_of_a_folder_are_left_alone(root):
    with Store.open(root) as store:
        fill(store, [1])
    other = segments_of(root)[0].with_suffix(".txt")
    other.write_text("notes")
    (root / "file").write_text("beside the folders")
    with Store.open(root, limit_bytes=0) as store:
        assert not store.missing(SPACE, keys_of(1)).any() and store.verify() == []
        assert [kept.rows for kept in store.list()] == [1]
    assert other.exists() and segments_of(root) == []


def test_files_are_named_by_time_and_chance(root):
    with Store.open(root) as store:
        fill(store, [1], [2])
    names = [path.name for path in segments_of(root)]
    assert all(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}\.segment", name) for name in names)
    assert [int(name[:16], 16) for name in names] == sorted(int(name[:16], 16) for name in names)


def test_reading_notes_the_time_of_use_once(root):
    with Store.open(root) as store:
        fill(store, [1])
    (path,) = segments_of(root)
    os.utime(path, (1000, 1000))
    with Store.open(root) as store:
        store.missing(SPACE, keys_of(1))
        assert time.time() - path.stat().st_mtime < 60
        os.utime(path, (1000, 1000))
        store.read(SPACE, keys_of(1))
        assert path.stat().st_mtime == 1000
    os.utime(path, (1000, 1000))
    with Store.open(root) as store:
        store.missing(SPACE, keys_of(2))
    assert path.stat().st_mtime == 1000, "nothing of it was used"


def test_rows_of_another_width_do_not_mix(root, caplog):
    with Store.open(root) as store:
        fill(store, [1])
        fill(store, [2], width=5)
        with caplog.at_level(logging.WARNING):
            assert store.missing(SPACE, keys_of(1, 2)).tolist() == [False, True]
        assert "shape of the others" in caplog.text


def test_least_recently_used_segments_go_first_and_none_in_use(root):
    with Store.open(root) as store:
        fill(store, [1], [2], [3], [4])
    one, two, three, four = segments_of(root)
    size = one.stat().st_size
    for age, path in enumerate([four, three, two, one]):  # the newest is `four`
        os.utime(path, (1000 - age, 1000 - age))
    with Store.open(root, limit_bytes=3 * size) as user:
        assert not user.missing(SPACE, keys_of(1)).any()  # `one` is in use, and the most recently used
        with Store.open(root, limit_bytes=size) as evictor:
            assert evictor.evict() == 3 * size
        assert segments_of(root) == [one]
        assert np.array_equal(user.read(SPACE, keys_of(1)), rows_of(keys_of(1)))
    with Store.open(root, limit_bytes=0) as store:
        assert store.evict() == size
    assert segments_of(root) == []


def test_a_segment_in_use_is_passed_over_although_it_is_the_oldest(root):
    with Store.open(root) as store:
        fill(store, [1], [2])
    one, two = segments_of(root)
    with Store.open(root) as user:
        user.missing(SPACE, keys_of(1))
        os.utime(one, (1, 1))
        with Store.open(root, limit_bytes=one.stat().st_size):
            pass
        assert segments_of(root) == [one]


def test_which_goes_first_follows_from_use_and_damage_not_from_names(root):
    with Store.open(root) as store:
        fill(store, [1], [2], [3])
    one, two, three = segments_of(root)
    size = one.stat().st_size
    for path, used in ((one, 2000), (two, 1000), (three, 3000)):
        os.utime(path, (used, used))
    bad = three.with_suffix(".damaged")
    three.rename(bad)
    Store.open(root, limit_bytes=2 * size).close()
    assert segments_of(root) == [one, two] and not bad.exists()
    Store.open(root, limit_bytes=size).close()
    assert segments_of(root) == [one]


def warnings_in(caplog):
    """Whatever level an earlier test left the logger at."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_job_that_needs_more_than_the_limit_is_told_before_it_is_passed(root, caplog):
    with Store.open(root, limit_bytes=3 * 2**20) as store, caplog.at_level(logging.WARNING):
        store.write(SPACE, keys_of(1), np.zeros((1, 2**19), np.float32))  # 2 MiB
        assert warnings_in(caplog) == []
        store.write(SPACE, keys_of(2), np.zeros((1, 2**19), np.float32))
    assert warnings_in(caplog) == [
        "this job needs more activations than the limit of 3 MiB allows: the store grows beyond it now, and is brought "
        "under it at the end; a larger limit would save the next run from computing them again"
    ]


def test_writing_makes_room_and_closing_brings_a_store_under_its_limit(root, caplog):
    with Store.open(root) as store:
        fill(store, [1])
    size = store.size_bytes()
    with Store.open(root, limit_bytes=2 * size) as store:
        fill(store, [2], [3])
        assert store.size_bytes() <= 2 * size
        assert store.missing(SPACE, keys_of(1, 2, 3)).tolist() == [True, False, False]
        with caplog.at_level(logging.WARNING):
            fill(store, [4], [5])  # 2 and 3 are in use: this store wrote them
        assert caplog.text.count("limit") == 2, "said once"
        assert not store.missing(SPACE, keys_of(2, 3, 4, 5)).any()
    assert store.size_bytes() <= 2 * size


def test_list_tells_what_is_kept_and_clear_removes_it(root):
    with Store.open(root) as store:
        fill(store, range(3), [7])
        fill(store, [1], space=OTHER)
        kept = {entry.parts["name"]: entry for entry in store.list()}
        assert {name: entry.rows for name, entry in kept.items()} == {"a": 4, "b": 1}
        assert sum(entry.size_bytes for entry in kept.values()) == store.size_bytes() == store.clear()
        assert store.list() == [] and store.size_bytes() == 0
        assert list(root.iterdir()) == []
        fill(store, [1])
        assert not store.missing(SPACE, keys_of(1)).any()


def test_the_list_begins_with_what_was_used_last_and_says_all_of_it(root):
    with Store.open(root) as store:
        fill(store, [1], [2, 3])
        fill(store, [1], space=OTHER)
        first, second, third = segments_of(root)
        for path in segments_of(root):
            os.utime(path, (3000, 3000) if SPACE.digest in str(path) else (2000, 2000))
        os.utime(next(path for path in segments_of(root) if SPACE.digest in str(path)), (1000, 1000))
        newest, older = store.list()
        assert (newest.digest, newest.parts, newest.dtype) == (SPACE.digest, SPACE.parts, "float32")
        assert (newest.rows, newest.last_used, older.rows, older.last_used) == (3, 3000, 1, 2000)
        assert newest.size_bytes + older.size_bytes == sum(p.stat().st_size for p in (first, second, third))


def test_a_damaged_file_is_not_listed_and_goes_first(root, caplog):
    with Store.open(root) as store:
        fill(store, [1], [2])
        bad, good = segments_of(root)
        size = good.stat().st_size
        bad.rename(bad.with_suffix(".damaged"))
        os.utime(good, (1000, 1000))
        assert [kept.rows for kept in store.list()] == [1] and store.size_bytes() == 2 * size
    with Store.open(root, limit_bytes=size) as store, caplog.at_level(logging.INFO):
        assert store.evict() == size
        assert caplog.messages == ["removed 0 MiB of kept activations, least recently used first"]
        assert store.evict() == 0 and len(caplog.messages) == 1
    assert segments_of(root) == [good] and not bad.with_suffix(".damaged").exists()


def test_files_that_are_torn_or_gone_by_now_are_passed_over(root):
    with Store.open(root) as store:
        fill(store, [1], [2, 3])
        torn, good = segments_of(root)
        torn.write_bytes(b"torn")
        (good.parent / "0-gone.segment").symlink_to(root / "nowhere")
        (kept,) = store.list()
        assert (kept.rows, kept.size_bytes) == (2, good.stat().st_size)
        assert store.size_bytes() == good.stat().st_size + 4
        assert store.verify() == [f"{SPACE.digest}/{torn.name}"]


def test_what_cannot_be_removed_does_not_count_as_freed(root, monkeypatch):
    def refused(path):
        raise PermissionError("it is mapped")

    with Store.open(root) as store:
        fill(store, [1])
    monkeypatch.setattr("pathlib.Path.unlink", refused)
    with Store.open(root, limit_bytes=0) as store:
        assert store.evict() == 0 == store.clear()
    monkeypatch.undo()
    assert len(segments_of(root)) == 1


def test_without_a_limit_nothing_goes(root):
    with Store.open(root, limit_bytes=None) as store:
        fill(store, [1])
    with Store.open(root, limit_bytes=None) as store:
        assert store.evict() == 0 and len(segments_of(root)) == 1
    assert Store.open(root / "inner" / "most").limit_bytes == 10 * 2**30


def test_a_store_may_be_filled_to_the_byte(root, caplog):
    with Store.open(root) as store:
        fill(store, [1])
    size = store.size_bytes()
    with Store.open(root, limit_bytes=2 * size) as store, caplog.at_level(logging.WARNING):
        fill(store, [2])
        assert store.size_bytes() == 2 * size
    assert len(segments_of(root)) == 2 and caplog.text == ""


def test_clear_leaves_what_another_store_uses(root):
    with Store.open(root) as user, Store.open(root) as store:
        fill(user, [1], [2])
        assert store.clear() == 0, "a store uses what it wrote"
    with Store.open(root) as user, Store.open(root) as store:
        user.missing(SPACE, keys_of(1))
        assert store.clear() > 0
        assert len(segments_of(root)) == 1
        assert np.array_equal(user.read(SPACE, keys_of(1)), rows_of(keys_of(1)))


def test_a_private_store_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Store.open(None) as store:
        assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
        fill(store, [1])
        assert np.array_equal(store.read(SPACE, keys_of(1)), rows_of(keys_of(1)))
        assert [kept.rows for kept in store.list()] == [1]
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_a_private_folder_of_a_killed_process_is_removed_by_the_next_and_a_live_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    orphan = tmp_path / "headstart-private-x"
    orphan.mkdir()
    (orphan / "rows").write_text("left behind")
    os.utime(orphan, (1, 1))
    alive = Store.open(None)
    os.utime(alive.root, (1, 1))
    with Store.open(None):
        assert not orphan.exists() and alive.root.exists()
    alive.close()


def test_temporary_files_of_killed_writers_are_removed_once_they_are_old(root):
    with Store.open(root) as store:
        fill(store, [1])
    folder = segments_of(root)[0].parent
    old, young = folder / ".a.segment.x.tmp", folder / ".b.segment.x.tmp"
    old.write_bytes(b"torn")
    young.write_bytes(b"being written")
    os.utime(old, (1, 1))
    (folder / ".0.segment.x.tmp").symlink_to(root / "nowhere")  # as one that its writer has just renamed
    Store.open(root).close()
    assert (old.exists(), young.exists()) == (False, True)


def test_a_full_disk_is_said_and_nothing_torn_stays(root, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with Store.open(root) as store:
        fill(store, [1])
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(SpaceError, match="disk is full"):
            fill(store, [2])
        monkeypatch.undo()
        assert [path.name for path in sorted(root.glob("*/*"))] == [segments_of(root)[0].name]
        assert store.missing(SPACE, keys_of(1, 2)).tolist() == [False, True]


@pytest.mark.parametrize(("code", "raised"), [(errno.EDQUOT, SpaceError), (errno.EIO, OSError)])
def test_a_quota_is_a_full_disk_and_other_failures_are_themselves(root, monkeypatch, code, raised):
    def failing(handle):
        raise OSError(code, os.strerror(code))

    with Store.open(root) as store:
        monkeypatch.setattr("os.fsync", failing)
        with pytest.raises(raised) as found:
            store.write(SPACE, keys_of(1, 2), np.zeros((2, 2**18), np.float32))
        monkeypatch.undo()
    assert type(found.value) is raised
    if raised is SpaceError:
        assert str(found.value) == (
            f"activations need 2 MiB more in {root}, but the disk is full. Free some space, or name another place with "
            "HEADSTART_CACHE; what was kept so far will be used."
        )


@pytest.mark.parametrize(("age", "stays"), [(3500, True), (3700, False)])
def test_a_temporary_file_is_old_after_an_hour(root, age, stays):
    with Store.open(root) as store:
        fill(store, [1])
    torn = segments_of(root)[0].parent / ".a.segment.x.tmp"
    torn.write_bytes(b"torn")
    os.utime(torn, (time.time() - age,) * 2)
    Store.open(root).close()
    assert torn.exists() is stays


@pytest.mark.parametrize(("age", "stays"), [(50, True), (70, False)])
def test_a_private_folder_is_young_for_a_minute(tmp_path, monkeypatch, age, stays):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / "headstart-private-x"
    folder.mkdir()
    os.utime(folder, (time.time() - age,) * 2)
    Store.open(None).close()
    assert folder.exists() is stays


@pytest.mark.parametrize("keys", [np.zeros((2, 31), np.uint8), np.zeros((2, 32), np.int64), np.zeros(32, np.uint8)])
def test_keys_of_another_form_are_refused(root, keys):
    with Store.open(root) as store, pytest.raises(ShapeError, match=r"\(N, 32\) uint8"):
        store.missing(SPACE, keys)


def test_one_row_per_key_is_required(root):
    with Store.open(root) as store, pytest.raises(ShapeError, match="2 keys and 3 rows"):
        store.write(SPACE, keys_of(1, 2), np.zeros((3, 4), np.float32))


def test_threads_may_write_and_read_at_once(root):
    def work(first):
        for i in range(first, first + 20):
            store.write(SPACE, keys_of(i), rows_of(keys_of(i)))
            assert np.array_equal(store.read(SPACE, keys_of(i)), rows_of(keys_of(i)))

    with Store.open(root) as store:
        errors = []
        threads = [threading.Thread(target=lambda f=first: _collect(work, f, errors)) for first in (0, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        everything = keys_of(*range(20), *range(100, 120), *range(200, 220))
        assert np.array_equal(store.read(SPACE, everything), rows_of(everything))


def _collect(work, argument, errors):
    try:
        work(argument)
    except BaseException as error:
        errors.append(error)


RAGGED = Space({"kind": "test", "name": "sequences", "ragged": True}, "bfloat16")


def sequences_of(keys, lengths):
    """Packed sequences (T, 2): NaN at the last position, as padding is."""
    found = []
    for key, length in zip(keys, lengths, strict=True):
        values = np.full((length, 2), float(key[0]), np.float32)
        values[-1] = np.nan
        found.append(values)
    return found


def test_sequences_of_different_lengths_share_a_space_and_come_back_one_by_one(root):
    keys = keys_of(*range(5))
    rows = sequences_of(keys, [3, 5, 3, 4, 5])
    with Store.open(root) as store:
        appender = Appender(store, RAGGED)
        for key, row in zip(keys, rows, strict=True):
            appender.append(key[None], row[None])
        appender.close()
    with Store.open(root) as store:
        assert not store.missing(RAGGED, keys).any()
        order = np.array([4, 0, 3, 0, 1])
        for found, place in zip(store.read_each(RAGGED, keys[order]), order, strict=True):
            np.testing.assert_array_equal(found, rows[place])


def test_reading_sequences_that_are_not_kept_says_how_many(root):
    keys = keys_of(*range(3))
    with Store.open(root) as store:
        store.write(RAGGED, keys[:1], np.stack(sequences_of(keys[:1], [3])))
        with pytest.raises(IntegrityError, match="2 are not"):
            store.read_each(RAGGED, keys)


def test_a_damaged_sequence_is_an_error_and_missing_afterwards(root):
    keys = keys_of(*range(2))
    with Store.open(root) as store:
        store.write(RAGGED, keys, np.stack(sequences_of(keys, [8, 8])))
    (path,) = segments_of(root)
    content = bytearray(path.read_bytes())
    content[-80] ^= 1  # within the values, before the checksum of the whole
    path.write_bytes(content)
    with Store.open(root) as store, pytest.raises(IntegrityError, match="run the feature pass again"):
        store.read_each(RAGGED, keys)
    assert not path.exists() and path.with_suffix(".damaged").exists()
