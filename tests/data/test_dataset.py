from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from data.helpers_data import fill, png, write
from headstart.core.errors import ShapeError
from headstart.data.inputs import Files, Joined, Objects, Rows, take
from headstart.data.read import read


@pytest.fixture
def data(tmp_path):
    return read(fill(tmp_path / "d", {"a": 3, "b": 2})).dataset


def test_taking_rows_keeps_everything_aligned(data):
    taken = data.take(np.array([4, 0]))
    assert taken.ids == ("b/1.png", "a/0.png") and taken.targets.tolist() == ["b", "a"]
    assert np.array_equal(taken.keys, data.keys[[4, 0]]) and taken.parts[0].inputs.read(0) == data.parts[0].inputs.read(
        4
    )
    assert data.take(data.targets == "b").ids == ("b/0.png", "b/1.png")


def test_the_fingerprint_depends_on_content_not_on_order(data, tmp_path):
    assert data.fingerprint == data.take(np.array([4, 3, 2, 1, 0])).fingerprint
    assert data.fingerprint != data.take(np.arange(4)).fingerprint
    assert data.fingerprint != data.without_targets().fingerprint
    renamed = dataclasses.replace(data, targets=np.array(["a", "a", "b", "b", "b"], dtype=object))
    assert data.fingerprint != renamed.fingerprint
    write(tmp_path / "d" / "a" / "0.png", png(77))
    assert data.fingerprint != read(tmp_path / "d").dataset.fingerprint


def test_it_cannot_be_changed(data):
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"


def test_columns_of_another_length_are_refused(data):
    with pytest.raises(ShapeError, match="targets must have one entry per example, 5; got 1"):
        dataclasses.replace(data, targets=np.array(["a"], dtype=object))
    with pytest.raises(ShapeError, match=r"slices\['site'\]"):
        dataclasses.replace(data, slices={"site": np.array(["a"], dtype=object)})


def test_taking_from_taken_inputs_does_not_nest():
    inputs = take(take(Objects([b"0", b"1", b"2", b"3"]), np.array([3, 2, 1])), np.array([2, 0]))
    assert isinstance(inputs, Rows) and isinstance(inputs.inputs, Objects)
    assert [inputs.read(i) for i in range(2)] == [b"1", b"3"] and inputs.name(0) == "1"


def test_joined_inputs_follow_each_other(tmp_path):
    path = write(tmp_path / "x", b"file")
    inputs = Joined(Objects([b"0", b"1"]), Files((str(path),)))
    assert [inputs.read(i) for i in range(len(inputs))] == [b"0", b"1", b"file"]
    assert inputs.name(2) == str(path) and inputs.name(1) == "1"
