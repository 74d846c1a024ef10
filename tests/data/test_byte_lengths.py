from __future__ import annotations

import numpy as np

from headstart.data.byte_lengths import byte_lengths
from headstart.data.inputs import Files, Joined, Objects, take
from headstart.data.text_inputs import Texts


def test_files_bytes_and_rows_of_them_are_told_without_reading(tmp_path):
    for name, length in (("a", 5), ("b", 7)):
        (tmp_path / name).write_bytes(b"x" * length)
    files = Files([str(tmp_path / "a"), str(tmp_path / "b")])
    objects = Objects([b"123", {"bytes": b"12"}, {"path": str(tmp_path / "b")}, tmp_path / "a"])
    both = Joined(files, objects)
    assert byte_lengths(both).tolist() == [5, 7, 3, 2, 7, 5]
    assert byte_lengths(take(both, np.array([5, 0, 2]))).tolist() == [5, 5, 3]


def test_what_would_have_to_be_encoded_or_is_not_there_is_not_told(tmp_path):
    assert byte_lengths(Objects([b"1", np.zeros((4, 4), np.uint8)])) is None
    assert byte_lengths(Files([str(tmp_path / "gone")])) is None
    assert byte_lengths(Texts(["a"])) is None
