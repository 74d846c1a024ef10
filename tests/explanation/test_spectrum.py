"""A waveform to its spectrum and back, in NumPy and in torch."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.explanation.spectrum import FRAME, HOP, background, frame_count, loudness, spectrum, waveforms


def noise(samples, seed=0):
    return np.random.default_rng(seed).normal(size=samples)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 3000))
def test_a_spectrum_that_was_not_changed_gives_the_waveform_again(samples):
    wave = noise(samples, samples)
    found = spectrum(wave)
    assert found.shape == (FRAME // 2 + 1, frame_count(samples))
    np.testing.assert_allclose(waveforms(found[None], samples)[0], wave, atol=1e-9)


def test_a_tone_is_loudest_at_its_pitch_and_its_time():
    wave = np.zeros(8000)
    wave[4000:5000] = np.sin(2 * np.pi * 50 / FRAME * np.arange(1000))  # bin 50
    levels = loudness(spectrum(wave))
    bin_, frame = np.unravel_index(np.argmax(levels), levels.shape)
    assert bin_ == 50 and 4000 <= frame * HOP <= 5000


def test_the_background_of_a_band_repeats_its_own_quietest_frames():
    levels = np.stack([np.arange(20.0), np.arange(20.0), np.arange(20.0)[::-1], np.full(20, 3.0)])
    found = background(levels, np.array([0, 2, 4]))
    # of the 13 frames 2 to 14, which lie within the recording, one: the second, and of what falls the fourteenth
    assert found[0].tolist() == found[1].tolist() == [2] * 20
    assert found[2].tolist() == [5] * 20 and found[3].tolist() == [3] * 20


def test_noise_is_turned_down_to_noise_of_nearly_the_same_loudness():
    levels = loudness(spectrum(noise(16000)))
    found = background(levels, np.array([0, 64, 128, levels.shape[0]]))
    assert 0.6 < np.mean(np.exp(2 * found[:128])) / np.mean(np.exp(2 * levels[:128])) < 1


def test_torch_goes_the_same_way_back():
    torch = pytest.importorskip("torch")
    from headstart.explanation.paths.sound import SoundPath

    wave = noise(2000)
    found = spectrum(wave)
    levels = loudness(found)
    units = SimpleNamespace(
        wave=wave, spectrum=found, levels=levels, quiet=background(levels, np.array([0, 100, levels.shape[0]]))
    )
    path = SoundPath(SimpleNamespace(backbone=None, number=0), units)
    again = path.waveforms(torch.stack([path.start, path.start + path.difference])).numpy()
    turned_down = found * np.exp(units.quiet - levels)
    np.testing.assert_allclose(again, waveforms(np.stack([turned_down, found]), 2000), atol=1e-9)
    np.testing.assert_allclose(again[1], wave, atol=1e-9)
