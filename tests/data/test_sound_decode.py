"""Decoding recordings of every format, and what cannot be decoded."""

from __future__ import annotations

import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_sound import encoded, sweep, tone
from headstart.core.errors import DataError, MissingExtraError
from headstart.data.sound_decode import decode_middle, probe
from headstart.data.sound_encode import wave_bytes

LOSSLESS = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "PCM_24"), ("FLAC", "PCM_16")]
LOSSY = [("OGG", "VORBIS"), ("MP3", None)]


@pytest.mark.parametrize(("kind", "subtype"), LOSSLESS)
def test_lossless_formats_give_the_samples_back(kind, subtype):
    wave = sweep()
    read, rate = decode_middle(encoded(wave, 16000, kind, subtype), 30.0)
    assert rate == 16000 and read.dtype == np.float32
    assert np.abs(read - wave).max() <= 2**-15  # the step of 16 bits


@pytest.mark.parametrize(("kind", "subtype"), LOSSY)
def test_lossy_formats_give_nearly_the_samples_back(kind, subtype):
    wave = sweep()
    content = encoded(wave, 16000, kind, subtype)
    read, _ = decode_middle(content, 30.0)
    header = probe(content)
    assert header.sample_rate == 16000 and abs(header.samples - len(wave)) <= 3000
    best = max(np.corrcoef(read[d : d + 14000], wave[1000:15000])[0, 1] for d in range(0, 2000))
    assert best > 0.95  # up to the decoder's delay


def test_channels_are_averaged():
    left, right = tone(300, 0.1, 8000), tone(700, 0.1, 8000)
    stereo = encoded(np.stack([left, right], 1), 8000, "WAV", "FLOAT")
    assert np.allclose(decode_middle(stereo, 1.0)[0], (left + right) / 2, atol=1e-6)
    eight = encoded(np.repeat(left[:, None], 8, 1), 8000, "WAV", "FLOAT")
    assert np.allclose(decode_middle(eight, 1.0)[0], left, atol=1e-6) and probe(eight).channels == 8


@pytest.mark.parametrize(("kind", "subtype"), [*LOSSLESS, ("OGG", "VORBIS")])
def test_the_middle_of_a_long_clip_is_that_of_the_whole(kind, subtype):
    content = encoded(sweep(seconds=10.0), 16000, kind, subtype)
    whole, _ = decode_middle(content, 100.0)
    middle, _ = decode_middle(content, 2.0)
    assert len(middle) == 32000
    start = (len(whole) - 32000) // 2
    assert np.allclose(middle, whole[start : start + 32000], atol=1e-5)


def test_the_middle_of_an_mp3_is_off_by_at_most_50_ms():
    content = encoded(sweep(seconds=10.0), 16000, "MP3")
    whole, _ = decode_middle(content, 100.0)
    middle, _ = decode_middle(content, 2.0)
    start = (len(whole) - 32000) // 2
    off = max(range(-800, 801, 1), key=lambda d: float(middle[:8000] @ whole[start + d : start + d + 8000]))
    assert abs(off) <= 800


def test_an_hour_takes_no_more_memory_than_its_middle():
    samples = 3600 * 8000
    content = encoded(np.zeros(samples, np.int16), 8000, "FLAC", "PCM_16")
    tracemalloc.start()
    wave, _ = decode_middle(content, 30.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(wave) == 240_000 and peak < 8 * 2**20  # the middle is 0.9 MiB, the whole 110 MiB


def test_ten_milliseconds_and_one_sample_are_recordings():
    assert len(decode_middle(encoded(tone(440, 0.01, 8000), 8000), 30.0)[0]) == 80
    assert decode_middle(encoded(np.array([0.5], np.float32), 8000, "WAV", "FLOAT"), 30.0)[0].tolist() == [0.5]


def test_samples_that_are_no_numbers_become_0_where_they_are_few():
    wave = tone(440, 0.1, 8000)
    wave[[3, 7, 9]] = np.nan, np.inf, -np.inf
    read, _ = decode_middle(encoded(wave, 8000, "WAV", "FLOAT"), 1.0)
    assert read[[3, 7, 9]].tolist() == [0, 0, 0] and np.isfinite(read).all()
    wave[: len(wave) // 2 + 1] = np.nan
    with pytest.raises(DataError, match="5. % of its samples are not numbers"):
        decode_middle(encoded(wave, 8000, "WAV", "FLOAT"), 1.0)


def test_infinities_of_both_signs_in_two_channels_are_no_number_either():
    wave = np.tile(tone(440, 0.1, 8000)[:, None], 2)
    wave[5] = np.inf, -np.inf
    read, _ = decode_middle(encoded(wave, 8000, "WAV", "FLOAT"), 1.0)
    assert read[5] == 0 and np.isfinite(read).all()


def test_what_is_louder_than_full_scale_is_divided_by_its_peak():
    wave = tone(440, 0.1, 8000)
    loud, _ = decode_middle(encoded(wave * 32768, 8000, "WAV", "FLOAT"), 1.0)
    assert np.abs(loud).max() == 1 and np.allclose(loud, wave / np.abs(wave).max(), atol=1e-6)


def test_silence_is_a_recording():
    assert not decode_middle(encoded(np.zeros(800, np.float32), 8000), 1.0)[0].any()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (b"not a sound", "not a recording that can be read"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "not a recording"),
        (encoded(np.zeros(0, np.float32), 8000), "without samples"),
        (wave_bytes(np.zeros(10, np.float32), 7), "a sampling rate of 7 Hz"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_reason(content, reason):
    with pytest.raises(DataError, match=reason):
        probe(content)


def test_a_file_that_ends_early_is_refused_where_its_header_tells():
    content = encoded(sweep(), 16000, "FLAC", "PCM_16")
    with pytest.raises(DataError, match="damaged or cut off"):
        decode_middle(content[: len(content) // 2], 30.0)


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 2000),
    noise=st.binary(min_size=1, max_size=40),
    kind=st.sampled_from(["WAV", "FLAC", "OGG", "MP3"]),
)
def test_damaged_bytes_give_samples_or_a_reason(start, noise, kind):
    content = bytearray(FILES[kind])
    content[start : start + len(noise)] = noise
    try:
        wave, rate = decode_middle(bytes(content), 1.0)
    except DataError as error:
        assert str(error)
    else:
        assert rate > 0 and len(wave) > 0 and np.isfinite(wave).all()


FILES = {kind: encoded(sweep(0.3), 16000, kind) for kind in ("WAV", "FLAC", "OGG", "MP3")}


@pytest.mark.parametrize("samples", [tone(440, 0.1, 8000), np.stack([tone(440, 0.1, 8000)] * 2, 1)])
def test_samples_in_memory_become_a_wav_file(samples):
    read, rate = decode_middle(wave_bytes(samples, 8000), 1.0)
    assert rate == 8000 and np.array_equal(read, samples if samples.ndim == 1 else samples[:, 0])
    whole = wave_bytes(np.array([-32768, 16384], np.int16), 8000)
    assert decode_middle(whole, 1.0)[0].tolist() == [-1.0, 0.5]


@pytest.mark.parametrize("samples", [np.zeros((2, 2, 2)), np.zeros(0), np.zeros(3, np.int64), np.array(["a"])])
def test_other_arrays_are_no_samples(samples):
    with pytest.raises(DataError, match="samples must be"):
        wave_bytes(samples, 8000)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtraError, match=r"headstart\[audio\]"):
        probe(FILES["WAV"])
