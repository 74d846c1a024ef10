"""Statistics of the mel cepstrum, against loops and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.fft import dct

from headstart.backbones.fitted.logmel_stats import LogmelStats, LogmelStatsConfig, mel_bank
from headstart.core import plugins
from headstart.core.errors import ShapeError

STATS = LogmelStats(LogmelStatsConfig())


def recording(samples: int = 16_000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / 16_000
    tones = sum(rng.uniform(0.1, 0.3) * np.sin(2 * np.pi * rng.uniform(100, 3000) * time) for _ in range(4))
    return (tones * (0.2 + np.abs(np.sin(5 * time))) + 0.01 * rng.normal(size=samples)).astype(np.float32)


def slow_cepstrum(wave: np.ndarray) -> np.ndarray:
    """By loops over frames and bands, with SciPy's cosine transform."""
    bank, rows = mel_bank(40, 512, 16_000), []
    for start in range(0, len(wave) - 399, 160):
        power = np.abs(np.fft.rfft(wave[start : start + 400] * np.hanning(400), 512)) ** 2
        rows.append([10 * np.log10(sum(power * bank[:, band]) + 1e-10) for band in range(40)])
    level = np.maximum(rows, np.max(rows) - 60)
    loud = [row for row in range(len(level)) if level[row].max() >= level.max() - 40]
    return dct(level[loud[0] : loud[-1] + 1], axis=1, norm="ortho")[:, :20]


def test_the_cepstrum_equals_a_slow_second_version():
    wave = np.pad(recording(6000), (3000, 2000))
    assert np.abs(STATS.cepstrum(wave) - slow_cepstrum(wave)).max() < 1e-2  # dB, of values in the hundreds


def test_statistics_of_four_frames_by_hand():
    stats = LogmelStats(LogmelStatsConfig(coefficients=1, parts=2))
    stats.cepstrum = lambda wave: np.array([[0.0], [2.0], [4.0], [6.0]])
    # mean 3, deviation sqrt(5), every change is 2 so it spreads by 0; halves: (0 + 2) / 2 and (4 + 6) / 2
    assert np.allclose(stats.describe(np.zeros((1, 10), np.float32)), [[3, np.sqrt(5), 0, 1, 5]])


def test_neither_padding_nor_silence_at_the_ends_counts():
    wave = recording()
    padded = np.pad(wave, (0, 4000), constant_values=np.nan)
    quiet = np.pad(wave, (3200, 4800))  # whole frames, so that the frames in between are the same
    batch = np.stack([np.pad(each, (0, 24_000 - len(each)), constant_values=np.nan) for each in (wave, padded, quiet)])
    alone, beside, silent = STATS.describe(batch)
    assert np.array_equal(alone, beside)
    # Frames that only the clip's first or last samples reach into are heard, so a few of a hundred differ.
    assert np.corrcoef(silent, alone)[0, 1] > 0.99


def test_a_row_does_not_depend_on_the_rows_beside_it():
    batch = np.stack([recording(seed=seed) for seed in range(5)])
    together = STATS.describe(batch)
    assert together.shape == (5, STATS.D) == (5, 120) and together.dtype == np.float32
    assert np.array_equal(together[[3]], STATS.describe(batch[[3]]))
    assert np.array_equal(together[::-1], STATS.describe(batch[::-1]))


def test_loudness_moves_the_first_coefficient_alone():
    wave = recording()
    loud, soft = STATS.describe(np.stack([wave, wave / 2]))
    moved = np.abs(loud - soft).reshape(-1, 20)
    assert moved[0, 0] == pytest.approx(20 * np.log10(2) * np.sqrt(40), rel=1e-3)  # dB times the root of 40 bands
    assert moved[:, 1:].max() < 1e-2 and moved[1:3].max() < 1e-2


@pytest.mark.parametrize("samples", [1, 80, 400, 1000])
def test_silence_and_clips_shorter_than_a_frame_are_finite(samples):
    for wave in (np.zeros((1, samples), np.float32), recording(samples)[None]):
        assert np.isfinite(STATS.describe(wave)).all()
    assert np.isfinite(STATS.describe(np.full((1, 100), np.nan, np.float32))).all()


def test_bands_are_triangles_that_overlap_their_neighbours():
    bank = mel_bank(40, 4096, 16_000)
    assert bank.min() == 0 and 0.9 < bank.max() <= 1
    hertz = np.arange(2049) * 16_000 / 4096
    inner = bank.sum(axis=1)[(hertz > 150) & (hertz < 7000)]  # between the first and the last peak
    assert np.abs(inner - 1).max() < 1e-5


def test_more_coefficients_than_bands_are_filled_with_zeros():
    stats = LogmelStats(LogmelStatsConfig(bands=4, coefficients=6, parts=1))
    features = stats.describe(recording()[None])
    assert features.shape == (1, 18) and not features.reshape(3, 6)[:, 4:].any()


def test_what_is_no_batch_of_waveforms_is_refused():
    for wrong in (np.zeros(100, np.float32), np.zeros((2, 100)), np.zeros((2, 8, 8, 3), np.uint8)):
        with pytest.raises(ShapeError, match=r"\(B, S\) float32"):
            STATS.describe(wrong)


def test_it_is_a_baseline_for_sound_solved_with_an_rbf_machine():
    plugin = plugins.load("backbones.fitted", "logmel_stats")
    assert (plugin.modality, plugin.method, plugin.kind) == ("sound", "rbf_features", "fitted")
    backbone = plugin.build(plugin.config())
    assert backbone.takes == "prepared" and backbone.to_dict()["version"] == backbone.version
    descriptors = backbone.describe(recording()[None])
    assert np.array_equal(backbone.transform(backbone.fit(descriptors), descriptors), descriptors)
