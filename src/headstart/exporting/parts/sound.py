"""Decode recordings."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import numpy as np
import soundfile
from scipy.signal import resample_poly


def waveform(content: bytes, asked: dict[str, Any]) -> np.ndarray:
    """The bytes of a recording as one channel in -1 to 1, (S,) float32 at the network's rate, NaN where padded."""
    settings = asked["preprocessing"]
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        wanted = min(file.frames, max(1, round(settings["max_seconds"] * file.samplerate)))
        file.seek((file.frames - wanted) // 2)  # of a long recording the middle is heard
        wave, rate = file.read(wanted, dtype="float32", always_2d=True).mean(axis=1, dtype=np.float32), file.samplerate
    if not len(wave) or not np.isfinite(wave).mean() > 0.5:
        raise ValueError("a recording without samples that are numbers")
    wave = np.nan_to_num(wave, nan=0.0, posinf=0.0, neginf=0.0)
    wave = wave / max(1.0, float(np.abs(wave).max()))
    wave = resampled(wave, rate, settings["sample_rate"])
    wave = wave[: max(1, round(settings["max_seconds"] * settings["sample_rate"]))]
    if settings["scaling"] == "unit_variance":
        wave = (wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)
    missing = max(0, max(1, round(settings["min_seconds"] * settings["sample_rate"])) - len(wave))
    wave = np.pad(wave, (missing // 2, missing - missing // 2))  # a short one lies in the middle of silence
    step = max(1, round(settings["step_seconds"] * settings["sample_rate"]))
    return np.pad(wave, (0, -len(wave) % step), constant_values=np.nan).astype(np.float32)


def resampled(wave: np.ndarray, rate: int, target: int) -> np.ndarray:
    """Another rate by a polyphase filter: a sinc of 64 zero crossings in a Kaiser window, half way at 0.955 of it."""
    if rate == target:
        return wave
    ratio = Fraction(target, rate).limit_denominator(4096) or Fraction(1, 4096)
    largest = max(ratio.numerator, ratio.denominator)
    place = np.arange(-64 * largest, 64 * largest + 1)
    taps = np.sinc(0.955 / largest * place) * np.kaiser(len(place), 9.0)
    filtered: np.ndarray = resample_poly(
        wave, ratio.numerator, ratio.denominator, window=(taps / taps.sum()).astype("f4")
    )
    return filtered
