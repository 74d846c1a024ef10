"""Every corruption of the room: what comes out is read as what went in, the same each time, and worse with strength."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from headstart.core import plugins
from headstart.core.errors import DataError
from headstart.data.corruptions.contract import ROOM, Corrupted, corruptions_of
from headstart.data.decode import decode
from headstart.data.inputs import Objects
from headstart.data.sound_decode import decode_middle
from headstart.data.sound_encode import wave_bytes

NAMES = plugins.names(ROOM)
each = pytest.mark.parametrize("name", NAMES)


def picture():
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.linspace(40, 200, 48), np.linspace(0, 50, 64))[..., None] + rng.integers(
        0, 30, (48, 64, 3)
    )
    stream = io.BytesIO()
    Image.fromarray(smooth.astype(np.uint8)).save(stream, format="PNG")
    return stream.getvalue()


def recording():
    t = np.arange(16000) / 16000
    wave = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 3300 * t) + 0.05 * np.sin(2 * np.pi * 1800 * t)
    return wave_bytes(wave, 16000)


TEXT = "The quick brown fox jumps over the lazy dog, and nobody knows why it does so every morning. " * 3
CONTENT = {"image": picture(), "text": TEXT.encode(), "sound": recording()}


def built(name):
    plugin = plugins.load(ROOM, name)
    return plugin.modality, plugin.build(plugin.config())


def numbers(modality, content):
    if modality == "image":
        return np.asarray(decode(content), np.float64)
    if modality == "sound":
        return decode_middle(content, 60.0)[0].astype(np.float64)
    return content.decode()


def distance(modality, one, other):
    if modality != "text":
        return float(np.abs(one - other).mean())
    before = list(range(len(other) + 1))  # Levenshtein's distance, row by row
    for at, letter in enumerate(one, 1):
        row = [at]
        for place, second in enumerate(other, 1):
            row.append(min(row[-1] + 1, before[place] + 1, before[place - 1] + (letter != second)))
        before = row
    return before[-1]


@each
def test_it_is_read_as_before_and_gets_worse_with_strength(name):
    modality, corruption = built(name)
    before = numbers(modality, CONTENT[modality])
    found = []
    for strength in corruption.strengths:
        after = numbers(modality, corruption.corrupt(CONTENT[modality], strength, np.random.default_rng(0)))
        assert modality == "text" or after.shape == before.shape
        found.append(distance(modality, before, after))
    assert found[0] > 0 and found == sorted(found), (name, found)


@each
def test_the_same_input_gets_worse_in_the_same_way(name):
    modality, corruption = built(name)
    inputs = Corrupted(Objects([CONTENT[modality]] * 2), corruption, corruption.strengths[1], name)
    assert inputs.read(0) == inputs.read(1) and len(inputs) == 2
    assert inputs.read(0) != CONTENT[modality] and inputs.name(0) == Objects([CONTENT[modality]]).name(0)


@each
def test_what_cannot_be_read_is_told(name):
    _, corruption = built(name)
    with pytest.raises(DataError):
        corruption.corrupt(b"\xff\xfe\x00nothing", corruption.strengths[0], np.random.default_rng(0))


def test_every_modality_has_some():
    found = {modality: corruptions_of(modality) for modality in ("image", "text", "sound")}
    assert {modality: len(names) for modality, names in found.items()} == {"image": 5, "text": 3, "sound": 3}
    assert sum(map(len, found.values())) == len(NAMES)


@pytest.mark.parametrize("text", ["", "a", " ", "ü", "[not a pair", "[1, 2]"])
@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("text_")])
def test_short_and_odd_texts_stay_texts(name, text):
    _, corruption = built(name)
    for strength in corruption.strengths:
        assert isinstance(corruption.corrupt(text.encode(), strength, np.random.default_rng(1)).decode(), str)


def test_both_texts_of_a_pair_get_worse():
    import json

    _, corruption = built("text_case")
    pair = json.dumps(["one text", "zwei Wörter"], ensure_ascii=False).encode()
    assert json.loads(corruption.corrupt(pair, 100.0, np.random.default_rng(0))) == ["ONE TEXT", "ZWEI WÖRTER"]
