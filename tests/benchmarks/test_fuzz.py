"""The decoders that are fuzzed take their own seeds, and mutations keep what would be refused at the door."""

from __future__ import annotations

import io
import json
import random

import pytest
from fuzz import mutators, seeds
from fuzz.decoders import DECODERS
from PIL import Image


@pytest.mark.parametrize("name", ["pictures", "sounds", "remarks"])
def test_every_seed_is_accepted(name):
    decode = DECODERS[name].build(None)
    for seed in DECODERS[name].seeds():
        decode(seed)


def test_a_png_gets_the_checksums_that_it_should_have():
    good = next(seed for seed in seeds.pictures() if seed.startswith(mutators.SIGNATURE))
    place = good.index(b"IHDR") + 4 + 3  # the last byte of the width
    broken = good[:place] + b"\x05" + good[place + 1 :]
    with pytest.raises(Exception, match="broken PNG|bad header checksum|cannot identify"):
        Image.open(io.BytesIO(broken)).load()
    assert Image.open(io.BytesIO(mutators.repaired(broken))).size == (5, 6)
    assert mutators.repaired(good) == good and mutators.repaired(b"no picture") == b"no picture"


def test_json_stays_json_and_changes():
    change = mutators.of_json(1)
    first = b"\x01" + json.dumps({"inputs": [seeds.ROW]}).encode()
    changed = {change(first, random.Random(seed)) for seed in range(50)}
    assert len(changed) > 20
    for each in changed:
        assert each[:1] == b"\x01"
        json.loads(each[1:])
    assert change(b"\x01{no", random.Random(0)) == b"\x01{no"
