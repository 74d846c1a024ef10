"""Resampling against sines by formula, a slow second version by the definition, and soxr where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from data.helpers_sound import sweep, tone
from headstart.data.sound_resample import resampled

PAIRS = [(8000, 16000), (44100, 16000), (48000, 16000), (22050, 16000), (11025, 16000), (16000, 8000), (32000, 16000)]


@pytest.mark.parametrize(("rate", "target"), PAIRS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.88])
def test_a_tone_below_the_lower_nyquist_frequency_stays_that_tone(rate, target, share):
    hertz = share * min(rate, target) / 2
    out = resampled(tone(hertz, 0.4, rate), rate, target)
    expected = tone(hertz, 0.4, target)
    assert len(out) == len(expected)
    inner = slice(len(out) // 4, -len(out) // 4)  # ends ring: outside the clip are zeros
    assert np.abs(out - expected)[inner].max() < 2e-4


@pytest.mark.parametrize(("rate", "target"), [(48000, 16000), (44100, 16000), (16000, 8000)])
def test_a_tone_above_the_new_nyquist_frequency_vanishes(rate, target):
    out = resampled(tone(1.05 * target / 2, 0.4, rate, level=1.0), rate, target)
    assert np.abs(out[len(out) // 4 : -len(out) // 4]).max() < 1e-4  # 80 dB down


def test_nothing_appears_above_the_old_nyquist_frequency():
    out = resampled(sweep(1.0, 8000), 8000, 16000)
    power = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
    assert power[len(power) // 2 + 50 :].sum() / power.sum() < 1e-8


def test_the_same_rate_changes_nothing_and_a_constant_stays():
    wave = sweep()
    assert resampled(wave, 16000, 16000) is wave
    level = resampled(np.full(8000, 0.5, np.float32), 8000, 16000)
    assert np.abs(level[2000:-2000] - 0.5).max() < 1e-4


def test_a_moment_stays_where_it_was():
    wave = np.zeros(4410, np.float32)
    wave[2205] = 1.0  # at 50 ms
    assert int(np.abs(resampled(wave, 44100, 16000)).argmax()) == 800


def test_odd_rates_are_within_a_ten_millionth():
    out = resampled(tone(1000, 1.0, 44101), 44101, 16000)
    assert abs(len(out) - 16000) <= 1
    assert np.abs(out - tone(1000, 1.0, 16000)[: len(out)])[2000:-2000].max() < 1e-3


def test_it_equals_the_sum_that_defines_it():
    rate, target = 3, 2
    wave = np.random.default_rng(0).normal(size=60).astype(np.float32)
    cut = 0.955 * min(rate, target) / rate  # of the Nyquist frequency of the input
    half = 64 * rate / min(rate, target)  # 64 zero crossings, in input samples
    slow = np.zeros(40)
    for m in range(40):
        weights = np.zeros(60)
        for n in range(60):
            distance = m * rate / target - n
            if abs(distance) <= half:
                window = np.i0(9.0 * np.sqrt(1 - (distance / half) ** 2)) / np.i0(9.0)
                weights[n] = cut * np.sinc(cut * distance) * window
        slow[m] = weights @ wave
    assert np.abs(resampled(wave, rate, target) - slow).max() < 2e-4


@pytest.mark.parametrize(("rate", "target"), PAIRS)
def test_it_agrees_with_soxr(rate, target):
    soxr = pytest.importorskip("soxr")
    wave = resampled(sweep(1.0, 6000), 6000, rate)  # nothing above 3 kHz, which both let through
    ours, theirs = resampled(wave, rate, target), soxr.resample(wave, rate, target, quality="VHQ")
    n = min(len(ours), len(theirs))
    assert np.abs(ours[:n] - theirs[:n])[n // 8 : -n // 8].max() < 2e-4
