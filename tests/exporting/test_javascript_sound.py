"""What browsers make of recordings is what ``reader.py`` makes of them, in Node."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from data.helpers_sound import encoded, sweep
from exporting.helpers_node import in_node, needs_node
from headstart.core.preprocessing import SoundPreprocessing
from headstart.exporting.parts.sound import waveform

pytestmark = needs_node
SUBTYPES = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
RATES = [8000, 11025, 16000, 22050, 44100, 48000, 15999, 44101, 96000]
CODE = """
const made_of = async ({ content, preprocessing }) =>
  Array.from((await made.tensor(Buffer.from(content, "base64"), { preprocessing })).data);
const found = [];
for (const each of given) found.push(await made_of(each));
return found.map((each) => Buffer.from(Float32Array.from(each).buffer).toString("base64"));
"""


def both(recordings, **settings):
    """What Node and Python make of each."""
    asked = {"preprocessing": SoundPreprocessing(**settings).model_dump(mode="json")}
    given = [{"content": base64.b64encode(each).decode(), **asked} for each in recordings]
    found = [np.frombuffer(base64.b64decode(each), np.float32) for each in in_node("sound.mjs", CODE, given)]
    return list(zip(found, [waveform(each, asked) for each in recordings], strict=True))


def stereo(wave):
    return np.stack([wave, 0.3 * wave[::-1]], axis=1)


def test_samples_of_every_kind_of_wav_are_the_same():
    wave = sweep(0.3)
    recordings = [encoded(each, 16000, "WAV", kind) for kind in SUBTYPES for each in (wave, stereo(wave))]
    recordings += [encoded(stereo(wave), 16000, "WAVEX", kind) for kind in ("PCM_16", "FLOAT")]
    for found, expected in both(recordings):
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_other_rates_are_filtered_in_the_same_way():
    recordings = [encoded(sweep(0.3, rate), rate) for rate in RATES]
    for rate, (found, expected) in zip(RATES, both(recordings), strict=True):
        assert np.nanstd(expected) > 0.01
        np.testing.assert_allclose(found, expected, atol=2e-6, err_msg=str(rate))


def test_the_middle_the_silence_and_the_scale_are_the_same():
    recordings = [encoded(sweep(seconds, 8000), 8000) for seconds in (0.001, 0.2, 0.9993, 2.5)]
    for scaling in ("none", "unit_variance"):
        for found, expected in both(
            recordings, min_seconds=0.3, max_seconds=1.00003, step_seconds=0.21, sample_rate=11025, scaling=scaling
        ):
            np.testing.assert_allclose(found, expected, atol=1e-5)


def test_loud_samples_and_those_that_are_no_numbers_are_the_same():
    loud = 3 * sweep(0.2)
    broken = sweep(0.2)
    broken[::5], broken[1::7] = np.nan, np.inf
    for found, expected in both([encoded(each, 16000, "WAV", "FLOAT") for each in (loud, broken)]):
        np.testing.assert_allclose(found, expected, atol=1e-7)


def test_chunks_before_the_samples_and_a_file_that_ends_early_are_read():
    whole = encoded(sweep(0.3), 16000)
    noted = whole[:12] + b"note" + (3).to_bytes(4, "little") + b"abc\0" + whole[12:]
    streamed = whole.replace(b"data" + (9600).to_bytes(4, "little"), b"data" + b"\xff" * 4)
    for found, expected in both([noted, streamed, whole[:-2001]]):
        np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "is not a WAV file"),
        (b"", "is not a WAV file"),
        (encoded(sweep(0.1), 8000)[:44], "damaged or cut off"),
        (encoded(sweep(0.1), 8000)[:30], "damaged or cut off"),
        (encoded(np.full(99, np.nan, np.float32), 8000, "WAV", "FLOAT"), "no samples that are numbers"),
    ],
)
def test_what_cannot_be_heard_is_said(content, said):
    code = """
    const heard = made.tensor(Buffer.from(given, "base64"), { preprocessing: { max_seconds: 1 } });
    return heard.catch((error) => error.message);
    """
    assert said in in_node("sound.mjs", code, base64.b64encode(content).decode())


def test_the_rate_of_a_file_that_the_browser_decodes_is_in_its_header():
    rates = {"FLAC": (8000, 22050, 96000), "OGG": (11025, 44100), "MP3": (16000, 44100, 48000)}
    files = [(encoded(sweep(0.2, rate), rate, kind), rate) for kind, some in rates.items() for rate in some]
    code = "return given.map((each) => made.ownRate(Buffer.from(each, 'base64')));"
    found = in_node("sound.mjs", code, [base64.b64encode(content).decode() for content, _ in files])
    assert found == [rate for _, rate in files]
