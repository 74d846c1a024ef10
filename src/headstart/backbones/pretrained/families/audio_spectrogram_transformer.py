"""The Audio Spectrogram Transformer: patches of a log-mel spectrogram of ten seconds.

Gong, Chung & Glass, Interspeech 2021, arXiv:2104.01778. Shorter recordings are padded with zeros after the logarithm,
as the weights were trained; features are the mean of the class and the distillation token.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headstart.backbones.card import Card
from headstart.backbones.pretrained.audio.family import AudioFamily
from headstart.backbones.pretrained.audio.options import SpectrogramOptions
from headstart.backbones.pretrained.audio.spectrogram import SpectrogramEntrance, mel_filters, windowed_waves
from headstart.backbones.pretrained.audio.stages import flagged
from headstart.backbones.pretrained.entrance import Entrance
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.stages import first, layer_count
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing

FFT = 512
PREEMPHASIS = 0.97
SMALLEST_POWER = 1.192092955078125e-07  # the step of float32 at 1
LOWEST_HZ = 20.0


class ASTEntrance(SpectrogramEntrance):
    """As ``ASTFeatureExtractor``: Kaldi's filter bank, scaled, zeros for frames that are missing."""

    def filters(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The frame's mean taken away, high frequencies raised, and a Hann window, all in one matrix."""
        size = self.options.frame
        centre = np.eye(size) - 1 / size
        raised = np.eye(size) - PREEMPHASIS * np.eye(size, k=-1)
        raised[0, 0] = 1 - PREEMPHASIS  # the first sample stands for the one before it
        bands = mel_filters(
            num_frequency_bins=FFT // 2 + 1,
            num_mel_filters=self.options.bands,
            min_frequency=LOWEST_HZ,
            max_frequency=self.options.sample_rate // 2,
            sampling_rate=self.options.sample_rate,
            norm=None,
            mel_scale="kaldi",
            triangularize_in_mel_space=True,
        )
        return windowed_waves(np.hanning(size), FFT) @ raised @ centre, bands

    def frames_heard(self, mask: Tensor) -> Tensor:
        """Those that hold no padding."""
        return mask[:, self.options.frame - 1 :: self.options.hop]

    def logarithms(self, waveform: Tensor, heard: Tensor) -> Tensor:
        """Natural logarithms, 0 where not heard, minus the mean and by twice the standard deviation."""
        level = torch.log(self.power(waveform).clamp(min=SMALLEST_POWER)).masked_fill(~heard[:, :, None], 0.0)
        return (level - self.options.mean) / (2 * self.options.std)


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    embeddings: Any = network.get_submodule("model.embeddings")
    return Boundary(embeddings(flagged(boundary)[0]))


def _layer(place: str, network: nn.Module, boundary: Boundary) -> Boundary:
    layer: Any = network.get_submodule(place)
    return Boundary(first(layer(boundary.values, None)))


def _norm(network: nn.Module, boundary: Boundary) -> Boundary:
    return Boundary(network.get_submodule("model.layernorm")(boundary.values))


def _pool(network: nn.Module, boundary: Boundary) -> Boundary:
    return Boundary((boundary.values[:, 0] + boundary.values[:, 1]) / 2)


TINY = {
    "model_type": "audio-spectrogram-transformer",
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "patch_size": 4,
    "frequency_stride": 3,
    "time_stride": 3,
    "max_length": 40,
    "num_mel_bins": 16,
}


class AudioSpectrogramTransformerFamily(AudioFamily):
    """embeddings, one stage per layer, norm, pool."""

    model_types = frozenset({"audio-spectrogram-transformer"})
    small = (
        Small(
            "audio-spectrogram-transformer",
            {"config": TINY, "spectrogram": {"bands": 16, "frames": 40, "mean": -4.0, "std": 4.5}},
            preprocessing=SoundPreprocessing(min_seconds=0.1, max_seconds=0.415, step_seconds=0.415),
        ),
    )

    def hears(
        self, config: Mapping[str, Any], extractor: Mapping[str, Any]
    ) -> tuple[SoundPreprocessing, SpectrogramOptions | None]:
        """All is padded to as many frames as the network has positions for, usually ten seconds."""
        scales = bool(extractor.get("do_normalize", True))
        options = SpectrogramOptions(
            bands=int(config.get("num_mel_bins", 128)),
            frames=int(config.get("max_length", 1024)),
            sample_rate=int(extractor.get("sampling_rate", 16000)),
            mean=float(extractor.get("mean", -4.2677393)) if scales else 0.0,
            std=float(extractor.get("std", 4.5689974)) if scales else 0.5,
        )
        seconds = options.samples / options.sample_rate
        sees = SoundPreprocessing(
            sample_rate=options.sample_rate,
            min_seconds=min(2 * options.frame / options.sample_rate, seconds),
            max_seconds=seconds,
            step_seconds=seconds,
        )
        return sees, options

    def entrance(self, card: Card) -> Entrance:
        """The spectrogram."""
        return ASTEntrance(card)

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Boundary 0 has the channel of what is heard, see ``audio.spectrogram``; the others need none."""
        layers = (
            Stage(f"layers.{number}", (f"model.layers.{number}",), partial(_layer, f"model.layers.{number}"))
            for number in range(layer_count(network, "model.layers"))
        )
        return (
            Stage("embeddings", ("model.embeddings",), _embed),
            *layers,
            Stage("norm", ("model.layernorm",), _norm),
            Stage("pool", ("pool",), _pool),
        )

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """The library's pooled output."""
        features: Tensor = network.get_submodule("model")(flagged(boundary)[0]).pooler_output
        return features


PLUGIN = Plugin(build=AudioSpectrogramTransformerFamily, paper="arXiv:2104.01778", modality="sound", extra="audio")
