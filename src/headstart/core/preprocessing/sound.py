"""Recordings: sampling rate, shortest and longest length that a network hears."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.plugins import Plugin
from headstart.core.preprocessing.base import Preprocessing


class SoundPreprocessing(Preprocessing):
    """From an encoded recording to ``(S,)`` float32 in -1 to 1: one channel at ``sample_rate``, NaN where padded.

    A clip shorter than ``min_seconds`` is put in the middle of that much silence (zeros, which the network hears);
    of a longer one than ``max_seconds`` the middle is taken. Then NaN, which no network hears, follows up to the next
    multiple of ``step_seconds``: equal lengths are batched.
    """

    kind: Literal["sound"] = "sound"
    sample_rate: int = Field(16000, gt=0, description="Samples per second.")
    min_seconds: float = Field(2.0, ge=0, description="Shorter clips are centred in silence of this length.")
    max_seconds: float = Field(30.0, gt=0, description="Of longer clips the middle is taken.")
    step_seconds: float = Field(0.5, gt=0, description="Lengths are padded to a multiple of this.")
    scaling: Literal["none", "unit_variance"] = Field(
        "none", description="unit_variance: each clip to mean 0 and variance 1, as wav2vec 2.0 was trained."
    )


PLUGIN = Plugin(build=SoundPreprocessing, config=SoundPreprocessing)
