"""What decides an audio network besides its weights."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from headstart.core.config import Config


class SpectrogramOptions(Config):
    """A log-mel spectrogram, where the network sees one instead of the waveform."""

    bands: int = Field(128, gt=0, description="Mel bands.")
    frames: int = Field(1024, gt=0, description="Frames that the network was built for; clips are padded to them.")
    sample_rate: int = Field(16000, gt=0, description="In Hz.")
    frame: int = Field(400, gt=0, description="Samples of a frame.")
    hop: int = Field(160, gt=0, description="Samples between frames.")
    mean: float = Field(0.0, description="Subtracted from the logarithms.")
    std: float = Field(1.0, gt=0, description="They are then divided by twice this.")

    @property
    def samples(self) -> int:
        """Samples that fill the frames."""
        return (self.frames - 1) * self.hop + self.frame


class AudioOptions(Config):
    """``Card.options`` of an audio network."""

    config: dict[str, Any] = Field(description="Of the transformers library, without its names of classes.")
    spectrogram: SpectrogramOptions | None = Field(None, description="None: the network hears the waveform.")
