"""wav2vec 2.0 and networks of the same build: HuBERT, UniSpeech.

Baevski et al., NeurIPS 2020, arXiv:2006.11477; HuBERT: arXiv:2106.07447. Features are the mean over time of the last
layer. Differs from the library in one thing: the first convolution's norm over time counts the recording alone, so a
recording's features do not depend on how far it is padded (the library's do).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.audio.family import AudioFamily
from headstart.backbones.pretrained.audio.options import SpectrogramOptions
from headstart.backbones.pretrained.audio.stages import convolved
from headstart.backbones.pretrained.family import Small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import key_terms, tokens_there
from headstart.backbones.pretrained.text.stages import attending_layer, first, layer_count, norm_stage, pool_stage
from headstart.core.boundary import Boundary
from headstart.core.errors import ConfigError
from headstart.core.plugins import Plugin
from headstart.core.preprocessing import SoundPreprocessing

SHORTEST_SECONDS = 0.5  # the convolutions hear 25 ms at a time; a shorter clip is centred in silence
LONGEST_SECONDS = 30.0  # attention over more costs more than it tells


def _convolve(network: nn.Module, boundary: Boundary) -> Boundary:
    layers = network.get_submodule("model.feature_extractor.conv_layers")
    return Boundary(*convolved(layers, boundary.values, tokens_there(boundary)))


def _embed(is_stable: bool, network: nn.Module, boundary: Boundary) -> Boundary:
    there = tokens_there(boundary)
    values = first(network.get_submodule("model.feature_projection")(boundary.values))
    values = values.masked_fill(~there[:, :, None], 0.0)  # the convolution of positions must not hear padding
    values = values + network.get_submodule("model.encoder.pos_conv_embed")(values)
    if not is_stable:
        values = network.get_submodule("model.encoder.layer_norm")(values)
    return Boundary(values, there)


TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 8],
    "conv_kernel": [10, 8],
    "conv_stride": [5, 4],
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "feat_extract_norm": "layer",
    "do_stable_layer_norm": True,
}
SEES = SoundPreprocessing(sample_rate=1000, min_seconds=0.2, max_seconds=2, step_seconds=0.1)


class Wav2Vec2LikeFamily(AudioFamily):
    """conv, embeddings, one stage per layer, norm (of networks that have one at the end), pool."""

    model_types = frozenset({"wav2vec2", "hubert", "unispeech"})
    shortest_seconds = 0.1
    chances = ("layerdrop", "mask_time_prob", "mask_feature_prob")
    small = (
        Small("wav2vec2", {"config": {"model_type": "wav2vec2", **TINY}}, preprocessing=SEES),
        Small(
            "hubert", {"config": {"model_type": "hubert", **TINY, "do_stable_layer_norm": False}}, preprocessing=SEES
        ),
    )

    def hears(
        self, config: Mapping[str, Any], extractor: Mapping[str, Any]
    ) -> tuple[SoundPreprocessing, SpectrogramOptions | None]:
        """Clips to mean 0 and variance 1 where the extractor says so."""
        for key in ("add_adapter", "adapter_attn_dim", "conv_pos_batch_norm"):
            if config.get(key):
                raise ConfigError(f"an audio network must be without {key}, which is not supported; name another one.")
        preprocessing = SoundPreprocessing(
            sample_rate=int(extractor.get("sampling_rate", 16000)),
            min_seconds=SHORTEST_SECONDS,
            max_seconds=LONGEST_SECONDS,
            scaling="unit_variance" if extractor.get("do_normalize", True) else "none",
        )
        return preprocessing, None

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """A network with a stable norm has it after its layers, the others before."""
        config: Any = network.config
        is_stable = bool(config.do_stable_layer_norm)
        embedding = ("model.feature_projection", "model.encoder.pos_conv_embed")
        norm = "model.encoder.layer_norm"
        layers = (
            attending_layer(f"layers.{number}", f"model.encoder.layers.{number}", key_terms)
            for number in range(layer_count(network, "model.encoder.layers"))
        )
        return (
            Stage("conv", ("model.feature_extractor",), _convolve),
            Stage("embeddings", embedding if is_stable else (*embedding, norm), partial(_embed, is_stable)),
            *layers,
            *([norm_stage(norm)] if is_stable else []),
            pool_stage(),
        )

    def own_features(self, network: nn.Module, boundary: Boundary) -> Tensor:
        """The library's last hidden states of each recording without its padding, averaged."""
        model, there = network.get_submodule("model"), tokens_there(boundary)
        if boundary.values.is_meta or bool(there.all()):
            return model(boundary.values).last_hidden_state.mean(dim=1)  # type: ignore[no-any-return]  # of the library
        clips = (wave[mask][None] for wave, mask in zip(boundary.values, there, strict=True))
        return torch.cat([model(clip).last_hidden_state.mean(dim=1) for clip in clips])


PLUGIN = Plugin(build=Wav2Vec2LikeFamily, paper="arXiv:2006.11477", modality="sound", extra="audio")
