"""Views of recordings: silenced stretches, a missing band, gain and shift."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.helpers_sound import encoded, sweep, tone
from headstart.core.errors import ConfigError, DataError
from headstart.core.preprocessing import SoundPreprocessing
from headstart.data.modalities import modality
from headstart.data.sound_views import (
    LIGHT,
    RECORDED_DRAWS,
    STRONG,
    SoundAugmentation,
    SoundView,
    augmented,
    parse_augmentation,
    recorded_anew,
    shifted,
    telephone_band,
    without_band,
)

SOUND = modality("sound")
STILL = SoundAugmentation(time_mask=0, band=0, gain=0, shift=0)
MIDDLE = [0.5] * 9  # no shift, no gain
PREPARER = SOUND.preparer(SoundPreprocessing(min_seconds=0.5), {})
CONTENT = encoded(sweep(0.8), 16000)  # padded to 1 s


def only(**settings: Any) -> SoundAugmentation:
    return STILL.model_copy(update=settings)


def draws(**changes: float) -> list[float]:
    """Of shift, band's width and place, gain, number of masks, their widths and places; 0.5 where not said."""
    names = ("shift", "width", "place", "gain", "masks", "width1", "place1", "width2", "place2")
    return [changes.get(name, 0.5) for name in names]


def test_a_shift_moves_and_does_not_wrap():
    wave = np.arange(1, 11, dtype=np.float32)
    assert augmented(wave, only(shift=0.4), draws(shift=0.25)).tolist() == [3, 4, 5, 6, 7, 8, 9, 10, 0, 0]  # -0.5 * 4
    assert augmented(wave, only(shift=0.4), draws(shift=0.75)).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert shifted(wave, 10).tolist() == [0] * 10 == shifted(wave, -10).tolist()
    assert shifted(wave, 0).tolist() == wave.tolist()


def test_a_gain_is_in_decibels():
    wave = np.ones(4, np.float32)
    assert augmented(wave, only(gain=6), draws(gain=0)) == pytest.approx(10 ** (-6 / 20))
    assert augmented(wave, only(gain=6), draws(gain=0.75)) == pytest.approx(10 ** (3 / 20))


def test_one_or_two_stretches_are_silenced():
    wave, settings = np.ones(100, np.float32), only(time_mask=0.2)
    one = augmented(wave, settings, draws(masks=0.49, width1=0.5, place1=0.1))
    assert np.flatnonzero(one == 0).tolist() == list(range(9, 19))  # 10 samples from 0.1 * (100 - 10)
    two = augmented(wave, settings, draws(masks=0.5, width1=0.5, place1=0.1, width2=0.25, place2=1.0))
    assert np.flatnonzero(two == 0).tolist() == [*range(9, 19), *range(95, 100)]


def test_a_band_is_removed_and_the_rest_stays():
    time = np.arange(1000) / 1000  # 0 to 500 Hz in bins of 1 Hz
    low, high = np.sin(2 * np.pi * 100 * time), np.sin(2 * np.pi * 300 * time)
    wave = (low + high).astype(np.float32)
    assert without_band(wave, 0.5, 0.7) == pytest.approx(low, abs=1e-5)  # without 250 to 350 Hz
    assert without_band(wave, 0.2, 0.6) == pytest.approx(high, abs=1e-5)  # 100 Hz is in, 300 Hz is not
    assert without_band(wave, 0.3, 0.5) == pytest.approx(wave, abs=1e-5)
    # width 0.5 * 0.2 = 0.1, placed at 0.5 * (1 - 0.1) = 0.45: 225 to 275 Hz
    gone = np.sin(2 * np.pi * 250 * time).astype(np.float32)
    assert augmented(gone, only(band=0.2), MIDDLE) == pytest.approx(0, abs=1e-5)


def test_what_a_shift_brings_in_is_silent_although_a_band_is_removed():
    wave = np.random.default_rng(0).uniform(-1, 1, 100).astype(np.float32)
    result = augmented(wave, only(band=0.2, shift=0.4), draws(shift=0.75))
    assert not result[:20].any() and result[20:].all()  # 0.5 * 0.4 * 100


def test_settings_that_change_nothing_give_the_evaluation_view():
    plain = PREPARER.prepare(CONTENT)
    assert np.array_equal(SoundView(PREPARER, STILL, 3).prepare(CONTENT), plain, equal_nan=True)


def test_view_0_is_the_plain_preparer():
    assert SOUND.view(PREPARER, SOUND.augmentation("light"), 0) is PREPARER
    assert np.array_equal(SoundView(PREPARER, STRONG, 0).prepare(CONTENT), PREPARER.prepare(CONTENT), equal_nan=True)


def test_a_view_is_a_function_of_bytes_settings_and_number():
    views = [SOUND.view(PREPARER, SOUND.augmentation("light"), number).prepare(CONTENT) for number in range(1, 9)]
    assert np.array_equal(views[1], SoundView(PREPARER, LIGHT, 2).prepare(CONTENT), equal_nan=True)
    assert len({v.tobytes() for v in views}) == 8
    assert not np.array_equal(views[1], SoundView(PREPARER, STRONG, 2).prepare(CONTENT), equal_nan=True)


def test_padding_length_and_type_stay():
    plain = PREPARER.prepare(CONTENT)
    assert len(plain) == 16000 and np.isnan(plain).sum() == 3200
    for number in range(1, 20):
        seen = SoundView(PREPARER, STRONG, number).prepare(CONTENT)
        assert seen.dtype == np.float32 and seen.shape == plain.shape
        assert np.array_equal(np.isnan(seen), np.isnan(plain))


def test_padding_does_not_change_what_is_heard():
    padded = SOUND.preparer(SoundPreprocessing(min_seconds=0.5, step_seconds=5), {})
    short, long = (SoundView(each, STRONG, 4).prepare(CONTENT) for each in (PREPARER, padded))
    assert len(long) == 80000 and np.array_equal(short[:12800], long[:12800])


def test_strong_views_change_twice_as_much_as_light_ones():
    assert SOUND.augmentation("light") == {"time_mask": 0.1, "band": 0.1, "gain": 3.0, "shift": 0.05}
    doubled = {"time_mask": 0.2, "band": 0.2, "gain": 6.0, "shift": 0.1}
    others = {"tract": 0.15, "telephone": 0.25, "colour": 6.0, "room": 0.3, "codec": 0.25}
    assert SOUND.augmentation("strong") == {**doubled, **others}
    content = encoded(tone(1, 1, 8000, 0.0) + 0.25, 8000)  # a constant, so that what is 0 was silenced
    flat = SOUND.preparer(SoundPreprocessing(sample_rate=8000, min_seconds=0.5), {})
    for strength in (LIGHT, STRONG):
        masked = only(time_mask=strength.time_mask)
        shares = [(SoundView(flat, masked, number).prepare(content) == 0).mean() for number in range(1, 401)]
        # 1.5 stretches of half the longest; standard deviation of a share about 0.4 of the longest
        assert np.mean(shares) == pytest.approx(0.75 * strength.time_mask, abs=0.08 * strength.time_mask)
        assert max(shares) <= 2 * strength.time_mask


def recording_draws(**changes: float) -> list[float]:
    """Of voice, echo's length, level and noise, telephone and its edges, codec, eight levels; by default none of it."""
    names = ("voice", "room", "level", "noise", "telephone", "low", "high", "codec")
    usual = {"voice": 0.5, "room": 0.0, "level": 0.0, "noise": 0.5, "telephone": 0.99, "codec": 0.99}
    return [changes.get(name, usual.get(name, 0.5)) for name in names] + [0.5] * (RECORDED_DRAWS - len(names))


def test_draws_in_the_middle_leave_a_recording_as_it_is():
    wave = sweep(0.5)
    assert recorded_anew(wave, STRONG, recording_draws(), 16000) == pytest.approx(wave, abs=1e-5)


def test_the_voice_moves_every_frequency_by_a_power_of_the_largest_change():
    wave = tone(1000, 1, 16000)
    found = recorded_anew(wave, STRONG, recording_draws(voice=1.0), 16000)
    assert np.abs(np.fft.rfft(found)).argmax() == 1150
    found = recorded_anew(wave, STRONG, recording_draws(voice=0.0), 16000)
    assert np.abs(np.fft.rfft(found)).argmax() == round(1000 / 1.15)
    assert np.sqrt(np.mean(found**2)) == pytest.approx(np.sqrt(np.mean(wave**2)), rel=1e-4)  # as loud as before


def test_a_telephone_leaves_its_band():
    assert telephone_band(0.5, 0.5) == (300.0, 3400.0)
    low, middle, high = (tone(hertz, 1, 16000, 0.3) for hertz in (100, 1000, 6000))
    found = recorded_anew(low + middle + high, STRONG, recording_draws(telephone=0.0), 16000)
    spectrum = np.abs(np.fft.rfft(found))
    assert spectrum[100] < 1e-3 * spectrum[1000] > spectrum[6000]


def test_settings_are_those_that_a_view_was_made_with():
    assert parse_augmentation(SOUND.augmentation("light")) == LIGHT
    assert parse_augmentation(SOUND.augmentation("strong")) == STRONG
    assert type(parse_augmentation({"shift": 0.1})) is SoundAugmentation


@pytest.mark.parametrize("samples", [0, 1, 7, 160, 320])  # 20 ms at 8 and 16 kHz, and less
def test_recordings_of_20_ms_have_strong_views(samples):
    wave = np.random.default_rng(samples).uniform(-1, 1, samples).astype(np.float32)
    for voice in (0.0, 0.3, 1.0):
        everything = recording_draws(voice=voice, room=1.0, level=0.9, telephone=0.0, codec=0.0)
        found = recorded_anew(wave, STRONG, everything, 8000)
        assert found.shape == (samples,) and found.dtype == np.float32 and np.isfinite(found).all()


def test_a_recording_of_20_ms_at_8_khz_is_heard_in_every_view():
    content = encoded(tone(440, 0.02, 8000), 8000)
    plain = PREPARER.prepare(content)
    for number in range(1, 6):
        seen = SoundView(PREPARER, STRONG, number).prepare(content)
        assert np.array_equal(np.isnan(seen), np.isnan(plain)) and np.nanmax(np.abs(seen)) > 0


def test_silence_stays_silence():
    silent = encoded(np.zeros(8000, np.float32), 16000)
    assert not SoundView(PREPARER, STRONG, 1).prepare(silent).any()


def test_the_address_is_the_preparers_and_what_makes_views():
    seen = SOUND.view(PREPARER, SOUND.augmentation("strong"), 2)
    assert seen.address() == {**PREPARER.address(), "views": 1, "transform": f"numpy-{np.__version__}"}
    assert seen.preprocessing == PREPARER.preprocessing


def test_what_is_no_recording_or_no_setting_is_refused():
    with pytest.raises(DataError):
        SoundView(PREPARER, LIGHT, 1).prepare(b"no recording here")
    with pytest.raises(ConfigError, match="pitch"):
        SOUND.view(PREPARER, {"pitch": 1}, 1)


@settings(deadline=None)
@given(st.integers(0, 40), st.lists(st.floats(0, 1, exclude_max=True), min_size=9, max_size=9))
def test_a_wave_of_any_length_keeps_it_and_stays_finite(length, nine):
    wave = np.random.default_rng(length).uniform(-1, 1, length).astype(np.float32)
    everything = SoundAugmentation(time_mask=1, band=1, gain=20, shift=1)
    before = wave.copy()
    for strength in (LIGHT, STRONG, everything):
        result = augmented(wave, strength, nine)
        assert result.shape == (length,) and result.dtype == np.float32 and np.isfinite(result).all()
    assert np.array_equal(wave, before)
