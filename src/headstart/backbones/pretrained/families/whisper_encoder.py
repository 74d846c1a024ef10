"""Whisper's encoder: half a minute of log-mel spectrogram, whatever the length of the recording.

Radford et al., ICML 2023, arXiv:2212.04356. A recording is padded with silence to 30 s, as the weights were trained;
features are the mean over the positions that hear the recording itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.family import AudioFamily
from headstart.backbones.pretrained.audio.options import SpectrogramOptions
from headstart.backbones.pretrained.audio.spectrogram import SpectrogramEntrance, mel_filters, windowed_waves
from headstart.backbones.pretrained.audio.stages import flagged, with_flag
from headstart.backbones.pretrained.entrance import Entrance
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.stages import layer_count
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing

RANGE = 8.0  # of the logarithms to base 10 below the loudest
SMALLEST_POWER = 1e-10


class WhisperEntrance(SpectrogramEntrance):
    """As ``WhisperFeatureExtractor``: frames centred on every hop, ends reflected, the last frame left out."""

    @property
    def samples(self) -> int:
        """Every hop is the centre of a frame."""
        return self.options.frames * self.options.hop

    def filters(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A periodic Hann window; Slaney's mel scale up to 8,000 Hz."""
        options = self.options
        window = np.hanning(options.frame + 1)[:-1]
        bands = mel_filters(
            num_frequency_bins=1 + options.frame // 2,
            num_mel_filters=options.bands,
            min_frequency=0.0,
            max_frequency=8000.0,
            sampling_rate=options.sample_rate,
            norm="slaney",
            mel_scale="slaney",
        )
        return windowed_waves(window, options.frame), bands

    def frames_heard(self, mask: Tensor) -> Tensor:
        """Those whose centre is in the recording."""
        return mask[:, :: self.options.hop]

    def logarithms(self, waveform: Tensor, heard: Tensor) -> Tensor:
        """Down to 8 below the loudest, scaled to about -1 to 1."""
        half = self.options.frame // 2
        before, after = waveform[:, 1 : half + 1].flip(1), waveform[:, -half - 1 : -1].flip(1)
        reflected = torch.cat([before, waveform, after], dim=1)
        level = torch.log10(self.power(reflected).clamp(min=SMALLEST_POWER))[:, : self.options.frames]
        floor = level.amax(dim=(1, 2), keepdim=True) - RANGE
        return (torch.maximum(level, floor) + 4) / 4


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    model: Any = network.get_submodule("model")
    values, heard = flagged(boundary)
    values = functional.gelu(model.conv1(values.transpose(1, 2)))
    values = functional.gelu(model.conv2(values)).transpose(1, 2)
    return with_flag(values + model.embed_positions.weight, heard[:, ::2])


def _layer(place: str, network: nn.Module, boundary: Boundary) -> Boundary:
    values, heard = flagged(boundary)
    layer: Any = network.get_submodule(place)
    return with_flag(layer(values, None), heard)


def _norm(network: nn.Module, boundary: Boundary) -> Boundary:
    values, heard = flagged(boundary)
    return with_flag(network.get_submodule("model.layer_norm")(values), heard)


def _pool(network: nn.Module, boundary: Boundary) -> Boundary:
    values, heard = flagged(boundary)
    return Boundary(network.get_submodule("pool")(values, heard))


TINY = {
    "model_type": "whisper",
    "vocab_size": 50,
    "num_mel_bins": 8,
    "d_model": 16,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_layers": 1,
    "decoder_attention_heads": 2,
    "decoder_ffn_dim": 24,
    "max_source_positions": 50,
    "max_target_positions": 8,
    "is_encoder_decoder": True,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 3,
}


class WhisperEncoderFamily(AudioFamily):
    """embeddings, one stage per layer, norm, pool."""

    model_types = frozenset({"whisper"})
    chances = ("encoder_layerdrop",)
    small = (
        Small(
            "whisper",
            {"config": TINY, "spectrogram": {"bands": 8, "frames": 100}},
            preprocessing=SoundPreprocessing(min_seconds=0, max_seconds=1, step_seconds=1),
        ),
    )

    def hears(
        self, config: Mapping[str, Any], extractor: Mapping[str, Any]
    ) -> tuple[SoundPreprocessing, SpectrogramOptions | None]:
        """All is padded to as many seconds as the encoder has positions for, usually 30."""
        options = SpectrogramOptions(
            bands=int(extractor.get("feature_size", config.get("num_mel_bins", 80))),
            frames=2 * int(config.get("max_source_positions", 1500)),
            sample_rate=int(extractor.get("sampling_rate", 16000)),
            frame=int(extractor.get("n_fft", 400)),
            hop=int(extractor.get("hop_length", 160)),
        )
        seconds = options.frames * options.hop / options.sample_rate
        sees = SoundPreprocessing(
            sample_rate=options.sample_rate, min_seconds=0, max_seconds=seconds, step_seconds=seconds
        )
        return sees, options

    def entrance(self, card: Card) -> Entrance:
        """The spectrogram."""
        return WhisperEntrance(card)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Boundaries in between are ``(B, T, C + 1)``, see ``audio.spectrogram``."""
        layers = (
            Stage(f"layers.{number}", (f"model.layers.{number}",), partial(_layer, f"model.layers.{number}"))
            for number in range(layer_count(network, "model.layers"))
        )
        embedding = ("model.conv1", "model.conv2", "model.embed_positions")
        return (
            Stage("embeddings", embedding, _embed),
            *layers,
            Stage("norm", ("model.layer_norm",), _norm),
            Stage("pool", ("pool",), _pool),
        )

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """The encoder's last hidden states, pooled."""
        values, heard = flagged(boundary)
        states = network.get_submodule("model")(values.transpose(1, 2)).last_hidden_state
        return _pool(network, with_flag(states, heard[:, ::2])).values


PLUGIN = Plugin(build=WhisperEncoderFamily, paper="arXiv:2212.04356", modality="sound", extra="audio")
