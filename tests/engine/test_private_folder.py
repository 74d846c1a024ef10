"""Folders of one process: what is left of killed ones goes, and nothing else."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from headstart.engine.activations.private_folder import PrivateFolder


@pytest.fixture(autouse=True)
def parent(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_it_is_named_locked_and_its_owners_alone(parent):
    folder = PrivateFolder()
    assert folder.path.parent == parent and folder.path.name.startswith("headstart-private-")
    assert (folder.path / ".lock").exists() and stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.remove()
    folder.remove()
    assert list(parent.iterdir()) == []


def test_that_somebody_else_removed_it_is_no_error():
    folder = PrivateFolder()
    shutil.rmtree(folder.path)
    folder.remove()


def test_it_goes_when_nobody_holds_it_any_more(parent):
    folder = PrivateFolder()
    del folder
    assert list(parent.iterdir()) == []


def test_an_orphan_among_young_ones_goes_and_what_cannot_be_removed_is_passed_over(parent):
    young = [parent / f"headstart-private-{number}" for number in range(9)]
    for folder in young:
        folder.mkdir()
    orphan, file, other = (parent / name for name in ("headstart-private-old", "headstart-private-file", "other"))
    orphan.mkdir()
    other.mkdir()
    file.write_text("no folder")
    for path in (orphan, file, other):
        os.utime(path, (1, 1))
    PrivateFolder().remove()
    assert not orphan.exists() and file.exists() and other.exists() and all(folder.exists() for folder in young)
