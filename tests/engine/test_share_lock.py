"""Who may use a file at once; descriptors of one process stand for processes."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from headstart.engine.activations import share_lock
from headstart.engine.activations.share_lock import lock_for_removal, open_shared, release, share


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.segment"
    path.write_bytes(b"rows")
    return path


def is_open(handle):
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def test_readers_share_and_whoever_removes_waits_for_the_last(file):
    one, other = open_shared(file), open_shared(file)
    for handle in (one, other):
        with lock_for_removal(file) as is_free:
            assert not is_free
        release(handle)
        assert not is_open(handle)
    with lock_for_removal(file) as is_free:
        assert is_free


def test_a_second_descriptor_keeps_the_lock_when_the_first_is_closed(file):
    with file.open("rb") as stream:
        second = share(stream.fileno())
        assert second != stream.fileno()
    with lock_for_removal(file) as is_free:
        assert not is_free
    assert os.pread(second, 4, 0) == b"rows"
    release(second)
    with lock_for_removal(file) as is_free:
        assert is_free


def test_a_lock_goes_with_its_release_although_the_file_stays_open(file):
    handle = open_shared(file)
    kept = os.dup(handle)  # as a mapping keeps it
    release(handle)
    with lock_for_removal(file) as is_free:
        assert is_free
    os.close(kept)


def test_a_file_that_is_being_removed_or_gone_cannot_be_opened(file, monkeypatch):
    with lock_for_removal(file) as is_free:
        assert is_free
        with pytest.raises(FileNotFoundError, match=r"a\.segment"):
            open_shared(file)
    release(open_shared(file))  # the lock is given back
    handle = os.open(file, os.O_RDONLY)
    file.unlink()
    monkeypatch.setattr("headstart.engine.activations.share_lock._open", lambda path: handle)  # opened just before
    with pytest.raises(FileNotFoundError):
        open_shared(file)
    assert not is_open(handle)
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError):
        open_shared(file)


def test_where_there_are_no_locks_reading_goes_on_and_nothing_is_removed(file, monkeypatch):
    def refused(handle, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refused)
    handle = open_shared(file)
    with lock_for_removal(file) as is_free:
        assert not is_free
    os.close(handle)


def test_on_windows_files_are_opened_as_bytes_and_the_system_itself_refuses_removal(file, monkeypatch):
    flags = []
    monkeypatch.setattr(os, "O_BINARY", 0x8000, raising=False)
    with monkeypatch.context() as patch:
        patch.setattr("os.open", lambda path, how: flags.append(how))
        share_lock._open(file)
    assert flags == [os.O_RDONLY | 0x8000]
    monkeypatch.delattr(os, "O_BINARY")
    monkeypatch.setitem(sys.modules, "fcntl", None)  # importing it fails
    handle = open_shared(file)
    with lock_for_removal(file) as is_free:
        assert is_free, "unlinking is tried, and fails where the file is mapped"
    release(handle)
    assert not is_open(handle)
