"""From bytes to the samples that a network hears."""

from __future__ import annotations

import json

import numpy as np
import pytest

from data.helpers_sound import encoded, sweep, tone
from headstart.core.errors import ConfigError
from headstart.core.preprocessing import SoundPreprocessing, parse_preprocessing
from headstart.data.modalities import modality
from headstart.data.sound_prepare import prepare

SOUND = modality("sound")


def test_a_short_clip_is_centred_in_silence():
    wave = np.full(100, 0.5, np.float32)
    out = prepare(encoded(wave, 1000, "WAV", "FLOAT"), SoundPreprocessing(sample_rate=1000, min_seconds=0.5))
    assert out.shape == (500,)
    assert not out[:200].any() and not out[300:].any() and (out[200:300] == 0.5).all()  # (500 - 100) / 2 in front


def test_ten_milliseconds_become_two_seconds_with_the_clip_in_the_middle():
    out = prepare(encoded(tone(440, 0.01, 8000), 8000), SoundPreprocessing())
    assert out.shape == (32000,) and np.isfinite(out).all()
    heard = np.flatnonzero(np.abs(out) > 0.01)
    assert 15900 <= heard.min() and heard.max() <= 16100


def test_of_a_long_clip_the_middle_is_taken():
    wave = np.repeat(np.float32([0.1, 0.2, 0.3]), 1000)
    settings = SoundPreprocessing(sample_rate=1000, min_seconds=0, max_seconds=1, step_seconds=0.1)
    assert np.allclose(prepare(encoded(wave, 1000, "WAV", "FLOAT"), settings), 0.2)


def test_not_a_number_follows_up_to_the_next_step():
    settings = SoundPreprocessing(sample_rate=1000, min_seconds=0.1, step_seconds=0.5)
    out = prepare(encoded(np.full(501, 0.5, np.float32), 1000, "WAV", "FLOAT"), settings)
    assert out.shape == (1000,) and out.dtype == np.float32
    assert np.isfinite(out[:501]).all() and np.isnan(out[501:]).all()


def test_unit_variance_is_that_of_the_clip_and_silence_stays_silence():
    settings = SoundPreprocessing(sample_rate=8000, min_seconds=1, scaling="unit_variance")
    out = prepare(encoded(tone(440, 0.5, 8000) + 0.1, 8000, "WAV", "FLOAT"), settings)
    clip = out[2000:6000]
    assert abs(clip.mean()) < 1e-6 and abs(clip.std() - 1) < 1e-3 and not out[:2000].any()
    assert not prepare(encoded(np.zeros(80, np.float32), 8000), settings).any()


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_the_format_decides_nothing_about_the_length(kind):
    assert prepare(encoded(sweep(1.0, 44100), 44100, kind), SoundPreprocessing()).shape == (32000,)


def test_a_shortest_length_above_the_longest_is_refused():
    with pytest.raises(ConfigError, match="min_seconds must be at most max_seconds"):
        SoundPreprocessing.parse({"min_seconds": 5, "max_seconds": 3})
    assert parse_preprocessing({"kind": "sound", "min_seconds": 1.5}) == SoundPreprocessing(min_seconds=1.5)


def test_looking_reads_the_header():
    assert SOUND.look(encoded(sweep(0.5, 22050), 22050, "FLAC")) == (11025, 22050)


def test_the_address_holds_settings_decoder_and_resampler():
    preparer = SOUND.preparer(SoundPreprocessing(), {})
    address = json.loads(json.dumps(preparer.address()))
    assert address["preprocessing"]["sample_rate"] == 16000
    assert "libsndfile" in address["decoder"] and "scipy" in address["resampler"]
    assert preparer.prepare(encoded(sweep(), 16000)).shape == (32000,)


def test_notes_count_what_is_cut_padded_silent_or_of_another_rate():
    preparer = SOUND.preparer(SoundPreprocessing(max_seconds=10), {})
    sizes = np.array([[8000, 8000], [800_000, 16000], [48000, 16000]])
    sample = [encoded(np.zeros(800, np.float32), 8000), encoded(sweep(), 16000), b"damaged"]
    short, long, rates, silent = SOUND.notes(sizes, preparer, sample)
    assert short.startswith("1 of 3 recordings are shorter than 2 s (the shortest 1.00 s)")
    assert long.startswith("1 of 3 recordings are longer than 10 s (the longest 50 s)")
    assert rates == "sampling rates differ: 16,000 Hz (2), 8,000 Hz (1); all are heard at 16,000 Hz"
    assert silent == "1 of 2 recordings looked into are silent"
    assert SOUND.notes(np.array([[48000, 16000]]), preparer, []) == []
    assert SOUND.notes(np.zeros((0, 2), np.int64), preparer, []) == []


def test_what_is_not_heard_is_the_share_outside_the_middle():
    preparer = SOUND.preparer(SoundPreprocessing(max_seconds=10), {})
    sizes = np.array([[16000 * 40, 16000], [16000 * 5, 16000]])
    assert SOUND.unseen_fraction(sizes, preparer, []) == pytest.approx(0.375)  # (30 / 40 + 0) / 2


def test_the_excerpt_is_a_small_picture_with_length_and_rate():
    excerpt = SOUND.excerpt(encoded(sweep(0.52, 8000), 8000))
    assert excerpt["caption"] == "0.52 s, 8 kHz"
    assert excerpt["thumbnail"].startswith("data:image/png;base64,") and len(excerpt["thumbnail"]) < 4000
    long = SOUND.excerpt(encoded(np.zeros((8000 * 65, 2), np.float32), 8000))
    assert long["caption"] == "1 min 5 s, 8 kHz, 2 channels (the middle 30 s are drawn)"
    assert SOUND.excerpt(encoded(tone(440, 0.01, 8000), 8000))["caption"] == "10 ms, 8 kHz"


def test_the_picture_shows_where_it_is_loud():
    import base64
    import io

    from PIL import Image

    wave = np.concatenate([np.zeros(4000, np.float32), tone(440, 0.5, 8000)])
    picture = SOUND.excerpt(encoded(wave, 8000))["thumbnail"].split(",")[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("L"))
    inked = (pixels < 150).sum(axis=0)
    assert pixels.shape == (60, 160) and not inked[:79].any() and (inked[81:] > 40).all()
