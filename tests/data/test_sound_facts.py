from __future__ import annotations

import numpy as np
import pytest

from data.helpers_sound import encoded, sweep, tone
from headstart.core.errors import ShapeError
from headstart.core.preprocessing import SoundPreprocessing
from headstart.data.sound_facts import NAMES, facts
from headstart.data.sound_prepare import prepare

SHORT = SoundPreprocessing(sample_rate=1000, min_seconds=0.01)
SPEECH = SoundPreprocessing()
EVEN = SoundPreprocessing(scaling="unit_variance")


def fact(wave, name, preprocessing=SHORT):
    return float(facts(np.asarray(wave, np.float32)[None], preprocessing)[0, NAMES.index(name)])


def heard(wave, name, preprocessing=SPEECH, rate=16000):
    return fact(prepare(encoded(wave, rate), preprocessing), name, preprocessing)


def test_level_and_crossings_of_a_square_wave_by_hand():
    wave = np.tile([0.5, 0.5, -0.5, -0.5], 250)  # 1,000 samples, one second
    assert (fact(wave, "peak"), fact(wave, "loudness")) == (0.5, 0.5)
    assert fact(wave, "zero_crossings") == 499  # between every two pairs, 500 pairs
    assert fact(wave, "clipped") == 0.5  # every second sample stays where the one before was


def test_padding_does_not_count():
    wave = np.tile([0.5, -0.5], 100)
    padded = np.concatenate([wave, np.full(300, np.nan)])
    assert facts(np.float32([padded]), SHORT).tolist() == facts(np.float32([wave]), SHORT).tolist()


def test_silent_windows_are_those_of_10_ms_40_decibels_below_the_peak():
    loud, quiet, hum = np.tile([1.0, -1.0], 50), np.zeros(200), np.tile([0.02, -0.02], 50)  # windows of 10 samples
    assert fact(np.concatenate([loud, quiet, hum]), "silence") == 0.5  # 20 of 40


def test_silence_put_around_a_short_recording_is_not_its_own():
    assert len(prepare(encoded(tone(440, 0.5, 16000), 16000), SPEECH)) == 32000
    assert heard(tone(440, 0.5, 16000), "silence") == 0
    assert heard(np.concatenate([tone(440, 1.0, 16000), np.zeros(2 * 16000)]), "silence") == pytest.approx(2 / 3)


@pytest.mark.parametrize("preprocessing", [SPEECH, EVEN])
def test_a_silent_recording_is_silence_all_over_and_no_other_is(preprocessing):
    assert heard(np.zeros(40000, np.float32), "silence", preprocessing) == 1
    assert heard(tone(440, 3, 16000, level=5e-5), "silence", preprocessing) == 1
    click = np.zeros(48000, np.float32)
    click[20000] = 0.5
    assert heard(click, "silence", preprocessing) < 1
    assert heard(tone(440, 3, 16000, level=2e-3), "silence", preprocessing) < 1


@pytest.mark.parametrize("preprocessing", [SPEECH, EVEN])
def test_what_was_cut_off_at_full_scale_is_clipped_even_when_it_was_turned_down(preprocessing):
    clean = sweep(3.0)
    clean /= np.abs(clean).max()
    assert heard(0.9 * clean, "clipped", preprocessing) < 0.001
    cut = np.clip(4 * clean, -1, 1)
    assert heard(cut, "clipped", preprocessing) > 0.05
    assert heard(0.3 * cut, "clipped", preprocessing) > 0.05


def test_clipping_is_found_after_resampling_where_full_scale_is_known():
    wave = sweep(3.0, rate=44100)
    assert heard(np.clip(12 * wave / np.abs(wave).max(), -1, 1), "clipped", rate=44100) > 0.05


def test_facts_are_finite_for_nothing_one_sample_and_constant_samples():
    for wave in ([], [0.0], [0.7], [0.2] * 50, [np.nan] * 5):
        assert np.isfinite(facts(np.asarray([wave], np.float32).reshape(1, -1), SHORT)).all(), wave
    with pytest.raises(ShapeError, match=r"\(B, S\)"):
        facts(np.zeros(4, np.float32), SHORT)
