"""Any other text network of the transformers library: the whole model as one stage, then the pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import tokens_there
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import numbers_and_segments, pool_stage
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin


def _whole(network: nn.Module, boundary: Boundary) -> Boundary:
    # Without storage, where operations are counted, the library could not look into a mask.
    there = None if boundary.values.is_meta else tokens_there(boundary).long()
    found = network.get_submodule("model")(attention_mask=there, **numbers_and_segments(network, boundary))
    return Boundary(found.last_hidden_state, boundary.mask)


class SingleTextFamily(TextFamily):
    """model, pool."""

    is_fallback = True
    marks_ends = False
    small = (
        small("modernbert", {**TINY, "pad_token_id": 0, "global_attn_every_n_layers": 2, "local_attention": 8}),
        small(
            "bart",
            {
                "vocab_size": 50,
                "d_model": 16,
                "encoder_layers": 1,
                "decoder_layers": 1,
                "encoder_attention_heads": 2,
                "decoder_attention_heads": 2,
                "encoder_ffn_dim": 24,
                "decoder_ffn_dim": 24,
                "max_position_embeddings": 64,
                "is_encoder_decoder": True,
            },
        ),
    )

    def takes(self, config: Mapping[str, Any]) -> bool:
        """Whatever has a vocabulary and no convolutions over a waveform: theirs is what they were trained to say."""
        return bool(config.get("vocab_size")) and "conv_kernel" not in config

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The model has no stages that could be stopped between."""
        return (Stage("model", ("model",), _whole), pool_stage())


PLUGIN = Plugin(build=SingleTextFamily, modality="text", extra="text")
