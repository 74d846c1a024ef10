"""What was prepared once is given again, as long as there is room."""

from __future__ import annotations

import numpy as np

from headstart.engine.remembering import Memory, Remembering


class Counting:
    preprocessing = None

    def __init__(self, name):
        self.name, self.seen = name, []

    def prepare(self, content):
        self.seen.append(content)
        return np.frombuffer(content, np.uint8) + len(self.name)

    def address(self):
        return {"name": self.name}


def test_each_content_is_prepared_once_by_each_preparer():
    one, other, memory = Counting("a"), Counting("bc"), Memory()
    first, second = Remembering(one, memory), Remembering(other, memory)
    for _ in range(2):
        assert first.prepare(b"\x01").tolist() == [2] and second.prepare(b"\x01").tolist() == [3]
        assert Remembering(one, memory).prepare(b"\x05\x06").tolist() == [6, 7]
    assert one.seen == [b"\x01", b"\x05\x06"] and other.seen == [b"\x01"]
    assert first.address() == {"name": "a"}


def test_what_finds_no_room_is_prepared_again_and_what_was_kept_stays():
    one = Counting("a")
    preparer = Remembering(one, Memory(most_bytes=3))
    for _ in range(2):
        for content in (b"12", b"34", b"5"):
            preparer.prepare(content)
    assert one.seen == [b"12", b"34", b"5", b"34"]
