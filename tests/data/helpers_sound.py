"""Recordings made by formula, and the bytes of their files."""

from __future__ import annotations

import io

import numpy as np
import soundfile


def tone(hertz: float, seconds: float, rate: int, level: float = 0.5) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def sweep(seconds: float = 1.0, rate: int = 16000, seed: int = 0) -> np.ndarray:
    """Something that changes all the time: three gliding tones with loudness of their own, from a seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    wave = np.zeros(len(time))
    for _ in range(3):
        start, end, speed = rng.uniform(150, 1500), rng.uniform(300, 3000), rng.uniform(1, 6)
        loud = 0.5 + 0.5 * np.sin(2 * np.pi * (speed * time + rng.uniform()))
        wave += loud * np.sin(2 * np.pi * (start * time + (end - start) * time**2 / (2 * seconds)))
    return (wave * np.hanning(len(time)) / 4).astype(np.float32)


def encoded(samples: np.ndarray, rate: int, kind: str = "WAV", subtype: str | None = None) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=kind, subtype=subtype)
    return stream.getvalue()
