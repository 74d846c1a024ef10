"""Recordings: cells of time and frequency; one that is taken away is turned down to the recording's own background.

The waveform is changed, not a spectrogram that a network may or may not have inside, so any model can be asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bundle import Predictor
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing
from headstart.explanation.example import Changed, Example
from headstart.explanation.spectrum import FRAME, background, loudness, spectrum, waveforms
from headstart.explanation.unit import Kept

BANDS = 8
STRETCHES = 16  # of time, at most
AT_ONCE = 16  # waveforms made at a time


class SoundUnits:
    """See ``explanation.unit.Units``; rows are bands, the highest first, columns stretches of time."""

    repeats = 1
    noun = "cell"
    reference = "the recording's own background: the quietest tenth of its frames in that band"

    def __init__(self, predictor: Predictor, example: Example) -> None:
        self.predictor, self.example = predictor, example
        self.rate = _heard_at(predictor.passes[0].preparer)
        self.wave = _heard(example.prepared[0])
        self.spectrum = spectrum(self.wave)
        self.levels = loudness(self.spectrum)
        bins, frames = self.levels.shape
        self.band_edges = band_edges(self.rate, bins)
        self.quiet = background(self.levels, self.band_edges)
        self.time_edges = np.unique(np.linspace(0, frames, min(STRETCHES, frames) + 1).round().astype(np.int64))
        self.shape: tuple[int, ...] = (len(self.band_edges) - 1, len(self.time_edges) - 1)
        self.names = tuple(f"{band}, {time}" for band in self._bands() for time in self._times())

    def _bands(self) -> list[str]:
        hertz = [min(edge * self.rate / FRAME, self.rate / 2) for edge in self.band_edges]
        return [f"{low:,.0f} to {high:,.0f} Hz" for low, high in zip(hertz, hertz[1:], strict=False)][::-1]

    def _times(self) -> list[str]:
        seconds = self.time_edges / self.time_edges[-1] * len(self.wave) / self.rate
        return [f"{low:.2f} to {high:.2f} s" for low, high in zip(seconds, seconds[1:], strict=False)]

    def over_bins(self, cells: NDArray[Any]) -> NDArray[Any]:
        """A value for each cell ``(n, R, C)`` to one for each place of the spectrum ``(n, F, T)``."""
        rows = np.repeat(np.arange(self.shape[0])[::-1], np.diff(self.band_edges))
        columns = np.repeat(np.arange(self.shape[1]), np.diff(self.time_edges))
        return np.asarray(cells[:, rows][:, :, columns])

    def per_cell(self, places: NDArray[Any]) -> NDArray[np.float64]:
        """A value for each place ``(F, T)`` to the sum in each cell."""
        by_band = np.add.reduceat(np.asarray(places, np.float64), self.band_edges[:-1], axis=0)
        return np.asarray(np.add.reduceat(by_band, self.time_edges[:-1], axis=1)[::-1])

    def without(self, kept: Kept) -> Changed:
        """Waveforms ``(n, S)`` for each pass, NaN where they were padded."""
        factor = np.exp(self.quiet - self.levels)  # what turns a place down
        waves = []
        for start in range(0, len(kept), AT_ONCE):
            there = self.over_bins(kept[start : start + AT_ONCE])
            waves.append(waveforms(self.spectrum * np.where(there, 1.0, factor), len(self.wave)))
        changed = np.concatenate(waves)
        return Changed(tuple(self._padded(changed, prepared) for prepared in self.example.prepared))

    def _padded(self, waves: NDArray[Any], prepared: NDArray[Any]) -> NDArray[np.float32]:
        found = np.full((len(waves), len(prepared)), np.nan, np.float32)
        found[:, : waves.shape[1]] = waves
        return found

    def picture(self) -> NDArray[np.uint8]:
        """The spectrum, loud is dark, high is above, bands equally tall."""
        rows = np.concatenate([
            np.linspace(low, high, 16, endpoint=False).astype(np.int64)
            for low, high in zip(self.band_edges, self.band_edges[1:], strict=False)
        ])[::-1]  # fmt: skip
        drawn = np.clip(
            (self.levels[rows] - self.levels.max()) / np.log(1e4) + 1, 0, 1
        )  # 80 dB below the loudest: white
        grey = (255 * (1 - 0.85 * drawn)).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)

    def pieces(self) -> tuple[tuple[str, int | None], ...]:
        """No text."""
        return ()


def band_edges(rate: int, bins: int) -> NDArray[np.int64]:
    """Bins at which bands begin, and the end: bands equally wide on the mel scale from 0 to half the rate."""
    top = 2595 * np.log10(1 + rate / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, top, BANDS + 1) / 2595) - 1)
    return np.unique(np.minimum(np.rint(hertz * FRAME / rate), bins).astype(np.int64)[:-1].tolist() + [bins])


def _heard(prepared: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(prepared[~np.isnan(prepared)], np.float64)


def _heard_at(preparer: Any) -> int:
    preprocessing = SoundPreprocessing.model_validate(preparer.preprocessing.model_dump())
    return preprocessing.sample_rate


def _build(asked: tuple[Predictor, Example]) -> SoundUnits:
    return SoundUnits(*asked)


PLUGIN = Plugin(build=_build, modality="sound")
