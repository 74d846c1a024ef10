from __future__ import annotations

import numpy as np
import pytest

from data.helpers_data import fill, write
from headstart.core.errors import HeadstartError
from headstart.data.dataset import Dataset, LabeledDataset
from headstart.data.read import read
from headstart.data.sealed import seal


@pytest.fixture
def parts(tmp_path):
    fill(tmp_path / "d", {"a": 3, "b": 3})
    write(tmp_path / "d" / "metadata.csv", b"file,site\na/2.png,x\nb/2.png,y\n")
    data = read(tmp_path / "d", slices=["site"]).dataset
    return seal(data, np.array([0, 1, 3, 4]), np.array([2, 5]))


def test_train_keeps_its_targets_and_test_has_none(parts):
    train, test, _ = parts
    assert isinstance(train, LabeledDataset) and train.targets.tolist() == ["a", "a", "b", "b"]
    assert type(test) is Dataset and test.ids == ("a/2.png", "b/2.png") and not hasattr(test, "targets")


def test_the_seal_opens_once_after_the_choice_is_on_disk(parts, tmp_path):
    sealed = parts[2]
    with pytest.raises(HeadstartError, match="choice must be on disk"):
        sealed.unseal(tmp_path / "choice.json")
    write(tmp_path / "choice.json", b"")
    with pytest.raises(HeadstartError, match="missing or empty"):
        sealed.unseal(tmp_path / "choice.json")
    assert sealed.reads == 0
    write(tmp_path / "choice.json", b"{}")
    assert sealed.unseal(tmp_path / "choice.json").tolist() == ["a", "b"]
    with pytest.raises(HeadstartError, match="read once"):
        sealed.unseal(tmp_path / "choice.json")
    assert sealed.reads == 1


def test_nothing_shows_the_targets_in_passing(parts):
    sealed = parts[2]
    assert repr(sealed) == "SealedTargets(n=2, reads=0)" and len(sealed) == 2
    assert sealed.slices["site"].tolist() == ["x", "y"]
