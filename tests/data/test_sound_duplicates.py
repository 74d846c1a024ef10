"""Copies of a recording are found; other recordings are not taken for copies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from data.helpers_sound import encoded, sweep
from headstart.core.errors import ShapeError
from headstart.core.preprocessing import SoundPreprocessing
from headstart.data.modalities import modality
from headstart.data.sound_duplicates import LENGTH, band_levels

SOUND = modality("sound")
SEES = SoundPreprocessing()


def groups_of(contents: list[bytes]) -> list[int]:
    prepared = [SOUND.preparer(SEES, {}).prepare(content) for content in contents]
    marks = np.concatenate([SOUND.fingerprint(wave[None]) for wave in prepared])
    keys = np.random.default_rng(0).integers(0, 256, (len(contents), 32), dtype=np.uint8)
    return SOUND.near_duplicates(keys, marks).tolist()


def copies(wave: np.ndarray) -> dict[str, bytes]:
    noise = np.random.default_rng(1).normal(0, wave.std() / 30, len(wave)).astype(np.float32)
    return {
        "quieter": encoded(wave * 0.3, 16000),
        "ogg": encoded(wave, 16000, "OGG"),
        "mp3": encoded(wave, 16000, "MP3"),
        "noise": encoded(wave + noise, 16000),
        "later": encoded(np.concatenate([np.zeros(3000, np.float32), wave]), 16000),
        "44100": encoded(resample_poly(wave, 441, 160).astype(np.float32), 44100),
        "turned over": encoded(-wave, 16000),
    }


def test_copies_are_found():
    wave = sweep(1.2)
    for name, copy in copies(wave).items():
        assert groups_of([encoded(wave, 16000), copy]) == [0, 0], name


def test_other_recordings_are_left_apart():
    assert groups_of([encoded(sweep(1.0, seed=seed), 16000) for seed in range(40)]) == list(range(40))


def test_copies_of_a_recording_longer_than_the_fold_are_found_too():
    wave = sweep(7.3, seed=3)
    contents = [encoded(wave, 16000), encoded(sweep(7.3, seed=4), 16000), encoded(wave, 16000, "OGG")]
    assert groups_of(contents) == [0, 1, 0]


def test_silences_and_even_tones_are_no_copies_of_each_other_unless_their_bytes_are():
    silence = np.zeros((3, 32000), np.float32)
    marks = SOUND.fingerprint(silence)
    assert not marks.any()
    keys = np.zeros((3, 32), np.uint8)
    keys[2] = 1
    assert SOUND.near_duplicates(keys, marks).tolist() == [0, 0, 1]


def test_padding_is_not_heard():
    wave = sweep(2.0)[None]
    padded = np.pad(wave, ((0, 0), (0, 8000)), constant_values=np.nan)
    assert np.array_equal(SOUND.fingerprint(wave), SOUND.fingerprint(padded))


def test_too_short_to_compare_is_no_copy_of_anything():
    assert not SOUND.fingerprint(np.full((2, 100), 0.1, np.float32)).any()


def test_levels_are_decibels_above_the_floor():
    levels = band_levels(sweep(1.0))
    assert levels.shape == (61, 12) and levels.min() == 0 and levels.max() == pytest.approx(35)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"\(B, S\)"):
        SOUND.fingerprint(np.zeros(100, np.float32))
    with pytest.raises(ShapeError, match="fingerprints must have shape"):
        SOUND.near_duplicates(np.zeros((2, 32), np.uint8), np.zeros((3, LENGTH), np.float32))
    assert SOUND.fingerprint(np.zeros((0, 100), np.float32)).shape == (0, LENGTH)
    assert SOUND.near_duplicates(np.zeros((0, 32), np.uint8), np.zeros((0, LENGTH), np.float32)).shape == (0,)
