"""Frequencies of a recording moved as by a vocal tract of another length."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.data.sound_voice import EDGE, warped, with_voice

RATE = 16000


def tone(hertz: float, samples: int = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(samples) / RATE).astype(np.float32)


def peak(wave: np.ndarray) -> int:
    """In Hz, of a recording of one second."""
    return int(np.abs(np.fft.rfft(wave * np.hanning(len(wave)))).argmax())


def test_the_warp_by_hand():
    # factor 0.8: straight up to 0.6 before, 0.48 after; from there to 1 with slope 0.52 / 0.4
    assert warped(np.array([0.5, 0.6, 0.8, 1.0]), 0.8) == pytest.approx([0.4, 0.48, 0.74, 1.0])
    # factor 1.2: straight up to 0.5 before, 0.6 after; from there with slope 0.4 / 0.5
    assert warped(np.array([0.5, 0.75]), 1.2) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("factor", [0.8, 0.9, 1.0, 1.1, 1.25])
def test_the_warp_is_increasing_and_ends_where_it_did(factor):
    found = warped(np.linspace(0, 1, 1001), factor)
    assert (np.diff(found) > 0).all() and found[0] == 0 and found[-1] == 1
    straight = np.linspace(0, 1, 1001) < EDGE * min(factor, 1) / factor
    assert found[straight] == pytest.approx(np.linspace(0, 1, 1001)[straight] * factor)


@pytest.mark.parametrize("hertz, factor, expected", [
    (440, 1.1, 484), (1000, 0.85, 850), (1000, 1.15, 1150), (3000, 1.1, 3300), (3000, 0.85, 2550),
    (6000, 1.1, 6240),  # above the edge of 4,364 Hz: 8000 - 3200 / 3636.4 * 2000
])  # fmt: skip
def test_the_peak_of_a_pure_tone_moves_to_where_the_warp_says(hertz, factor, expected):
    assert abs(peak(with_voice(tone(hertz), factor)) - expected) <= 1


def test_two_tones_both_move_and_the_length_stays():
    found = with_voice(tone(500, 12345) + tone(2000, 12345), 1.2)
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    highest = np.argsort(spectrum)[::-1] * RATE / 12345
    assert len(found) == 12345 and min(abs(highest[:6] - 600)) < 2 and min(abs(highest[:6] - 2400)) < 2


def test_a_factor_of_one_is_the_recording_itself_and_near_one_near_it():
    wave = tone(700) * np.hanning(RATE).astype(np.float32)
    assert with_voice(wave, 1.0) is wave
    assert np.abs(with_voice(wave, 1.0 + 1e-9) - wave).max() < 1e-3


@pytest.mark.parametrize("samples", [0, 1, 100, 320, 513])
def test_short_recordings_and_silence_stay_what_they_are(samples):
    assert with_voice(tone(300, samples), 1.1).shape == (samples,)
    assert not with_voice(np.zeros(samples, np.float32), 1.1).any()
