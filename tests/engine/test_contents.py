"""Distinct contents among inputs, against a slow obvious version."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.helpers_engine import Memory
from headstart.core.errors import DataError, ShapeError
from headstart.engine.contents import Contents


@given(st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=12), st.data())
def test_contents_are_those_of_a_dictionary_by_bytes(values, data):
    inputs = Memory(values)
    contents = Contents(inputs, inputs.keys)
    by_bytes: dict[bytes, list[int]] = {}
    for row, value in enumerate(values):
        by_bytes.setdefault(value, []).append(row)

    assert [contents.read(i) for i in range(len(contents))] == list(by_bytes)
    assert [contents.rows(i).tolist() for i in range(len(contents))] == list(by_bytes.values())
    assert [key.tobytes() for key in contents.keys] == [hashlib.sha256(value).digest() for value in by_bytes]

    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), dtype=bool)
    assert contents.of(wanted).tolist() == [any(wanted[row] for row in rows) for rows in by_bytes.values()]


def test_bytes_are_taken_from_another_row_when_the_first_cannot_be_read_or_changed():
    inputs = Memory([b"a", b"a", b"a"])
    contents = Contents(inputs, inputs.keys)
    inputs.contents = [OSError("gone"), b"changed", b"a"]
    assert contents.read(0) == b"a"
    inputs.contents = [b"changed", OSError("gone"), b"changed"]
    with pytest.raises(DataError, match="changed since"):
        contents.read(0)
    inputs.contents = [OSError("gone")] * 3
    with pytest.raises(OSError, match="gone"):
        contents.read(0)


def test_lengths_that_differ_are_refused():
    inputs = Memory([b"a", b"b"])
    with pytest.raises(ShapeError, match="2 inputs and 1 keys"):
        Contents(inputs, inputs.keys[:1])
    with pytest.raises(ShapeError, match="one entry per input, 2; got 3"):
        Contents(inputs, inputs.keys).of(np.ones(3, bool))
