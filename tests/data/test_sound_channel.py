"""Bands, colours, rooms and codecs."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.data.sound_channel import band_gain, coarse, colour_gain, filtered, in_room, octaves_of, uniform_noise


def test_octaves_by_hand():
    # 8 samples: 0, 1, 2, 3, 4 of 4 steps up to half the sampling rate
    assert octaves_of(8) == pytest.approx([np.inf, 2.0, 1.0, np.log2(4 / 3), 0.0])


def test_a_band_without_edges_is_everything():
    assert band_gain(octaves_of(64), np.inf, 0.0).tolist() == [1.0] * 33


def test_a_colour_is_in_decibels_on_an_axis_of_octaves():
    levels = np.array([0.0, 0, 0, 0, 0, 0, 0, 20])  # straight from 0 dB one octave below the top to 20 dB there
    assert colour_gain(np.array([0.0, 0.5, 1.0, 3.0, np.inf]), levels) == pytest.approx([10, 10**0.5, 1, 1, 1])
    assert colour_gain(np.array([np.inf]), levels[::-1]) == pytest.approx([10])  # level below the lowest octave


def test_a_filter_is_a_gain_for_each_frequency():
    time = np.arange(1000) / 1000
    low, high = np.sin(2 * np.pi * 100 * time), np.sin(2 * np.pi * 300 * time)
    gain = np.where(np.arange(501) < 200, 1.0, 0.5)
    assert filtered((low + high).astype(np.float32), gain) == pytest.approx(low + high / 2, abs=1e-5)


def test_an_echo_is_a_convolution_with_the_direct_sound_first():
    impulse = np.zeros(50, np.float32)
    impulse[0] = 1
    response = in_room(impulse, 0.02, 0.5, 1000, 7)  # 20 samples
    noise = uniform_noise(20, 7) * 10 ** (-3 * np.arange(20) / 20)
    noise *= np.sqrt(0.5 / np.square(noise).sum())
    assert response[0] == pytest.approx(1) and response[1:20] == pytest.approx(noise[1:], abs=1e-6)
    assert response[20:] == pytest.approx(0, abs=1e-6)
    wave = np.random.default_rng(0).normal(size=50).astype(np.float32)
    assert in_room(wave, 0.02, 0.5, 1000, 7) == pytest.approx(np.convolve(wave, response[:20])[:50], abs=1e-5)
    assert in_room(wave, 0.0, 0.5, 1000, 7) is wave and in_room(wave, 0.02, 0.0, 1000, 7) is wave


def test_noise_is_that_of_its_seed_and_even():
    one = uniform_noise(10_000, 3)
    assert np.array_equal(one, uniform_noise(10_000, 3)) and not np.array_equal(one, uniform_noise(10_000, 4))
    assert abs(one.mean()) < 0.03 and one.std() == pytest.approx(1 / np.sqrt(3), rel=0.03) and np.abs(one).max() <= 1
    assert one[:2] == pytest.approx(np.random.PCG64(3).random_raw(2) / 2.0**63 - 1)


def test_a_codec_is_coarse_where_it_is_loud_and_fine_where_it_is_soft():
    wave = np.linspace(-1, 1, 20_001).astype(np.float32)
    found = coarse(wave)
    assert len(np.unique(found)) == 255 and np.array_equal(np.sign(found[found != 0]), np.sign(wave[found != 0]))
    steps = np.diff(np.unique(found))
    assert steps[127] < steps[-1] / 50  # 1 / 255 of a step in the middle of the scale: about exp(ln 256) times finer
    assert coarse(np.zeros(3, np.float32)).tolist() == [0, 0, 0]
    assert coarse(wave * np.float32(0.25)) == pytest.approx(found * 0.25, abs=1e-6)  # of its own peak
