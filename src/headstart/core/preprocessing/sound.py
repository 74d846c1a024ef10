"""Recordings: sampling rate, shortest and longest length that a network hears."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

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
        "none",
        description="unit_variance: each clip to mean 0 and variance 1, before silence is put around it, as wav2vec "
        "2.0 was trained.",
    )

    @model_validator(mode="after")
    def _lengths_are_in_order(self) -> Self:
        if self.min_seconds > self.max_seconds:
            raise ValueError(f"min_seconds must be at most max_seconds, {self.max_seconds}")
        return self

    @property
    def min_samples(self) -> int:
        """Shortest length after preparation."""
        return max(1, round(self.min_seconds * self.sample_rate))

    @property
    def max_samples(self) -> int:
        """Longest length of what is heard."""
        return max(1, round(self.max_seconds * self.sample_rate))

    def padded(self, samples: int) -> int:
        """The length that this many samples are padded to: a multiple of the step."""
        step = max(1, round(self.step_seconds * self.sample_rate))
        return -(-max(samples, 1) // step) * step


PLUGIN = Plugin(build=SoundPreprocessing.model_validate, config=SoundPreprocessing)
