"""Checkpoints: whole or not there, of this training or refused."""

from __future__ import annotations

import errno
import logging
import os

import pytest
import torch

from engine.training.helpers_training import same, tensors_of, trainer_of
from headstart.core.errors import IntegrityError
from headstart.engine.training import checkpoint
from headstart.engine.training.checkpoint import Checkpoints

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([1, 2])}


def saved(folder, *steps, identity="x"):
    found = Checkpoints(folder, {"data": identity})
    for step in steps:
        assert found.save(step, TENSORS, {"state": {"step": step}})
    return found


def test_what_is_saved_is_read_again(tmp_path):
    found = saved(tmp_path, 1, 2, 3).latest()
    assert found.document["state"] == {"step": 3}
    assert same(found.tensors, TENSORS)


def test_only_the_last_two_stay(tmp_path):
    saved(tmp_path, 1, 2, 3, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000003.checkpoint", "000000004.checkpoint"]


def test_the_same_content_is_written_to_the_same_bytes(tmp_path):
    saved(tmp_path / "a", 5), saved(tmp_path / "b", 5)
    name = "000000005.checkpoint"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_one_that_was_cut_is_passed_over_with_a_warning(tmp_path, caplog, share):
    found = saved(tmp_path, 1, 2)
    last = tmp_path / "000000002.checkpoint"
    last.write_bytes(last.read_bytes()[: int(share * last.stat().st_size)])
    with caplog.at_level(logging.WARNING):
        assert found.latest().document["state"] == {"step": 1}
    assert "must be a whole checkpoint" in caplog.text


def test_where_all_are_cut_there_is_none(tmp_path):
    found = saved(tmp_path, 1)
    (tmp_path / "000000001.checkpoint").write_bytes(b"no")
    assert found.latest() is None


def test_none_where_nothing_was_saved(tmp_path):
    assert Checkpoints(tmp_path / "none", {}).latest() is None


def test_one_of_other_data_is_refused_by_name(tmp_path):
    saved(tmp_path, 1, identity="other")
    with pytest.raises(IntegrityError, match=r"differs in data"):
        Checkpoints(tmp_path, {"data": "x"}).latest()


def test_one_of_another_version_is_refused(tmp_path, monkeypatch):
    saved(tmp_path, 1)
    monkeypatch.setattr(checkpoint, "SCHEMA", 2)
    assert Checkpoints(tmp_path, {"data": "x"}).latest() is None  # it is passed over like one that cannot be read


def test_a_full_disk_costs_a_warning_and_the_last_good_one_stays(tmp_path, monkeypatch, caplog):
    found = saved(tmp_path, 1)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with caplog.at_level(logging.WARNING):
        assert found.save(2, TENSORS, {"state": {}}) is False
    assert "the last good one stays" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["000000001.checkpoint"]
    assert found.latest().document["state"] == {"step": 1}


def test_a_training_goes_on_although_no_checkpoint_can_be_written(tmp_path, monkeypatch):
    whole = trainer_of().run()

    def full(*args, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoint, "atomic", full)
    found = trainer_of(checkpoints=Checkpoints(tmp_path, {}), checkpoint_seconds=0).run()
    assert same(tensors_of(whole.backbone), tensors_of(found.backbone))


@pytest.mark.parametrize("can_link", [True, False])
def test_the_newest_is_set_aside_and_outlives_those_that_follow(tmp_path, monkeypatch, can_link):
    if not can_link:
        monkeypatch.setattr(os, "link", raising(OSError(errno.EPERM, "no links here")))
    made, aside = saved(tmp_path / "a", 1, 2), Checkpoints(tmp_path / "b", {"data": "x"})
    made.copy_latest(aside)
    aside_then = [path.name for path in aside.folder.iterdir()]
    saved(tmp_path / "a", 3, 4, 5)
    assert [path.name for path in aside.folder.iterdir()] == aside_then == ["000000002.checkpoint"]
    made.copy_latest(aside)
    assert [path.name for path in aside.folder.iterdir()] == ["000000005.checkpoint"]


def raising(error):
    """A function that raises, whatever it is given."""

    def fail(*arguments):
        raise error

    return fail


def test_clearing_leaves_nothing(tmp_path):
    found = saved(tmp_path / "c", 1, 2)
    found.clear()
    assert not (tmp_path / "c").exists()
