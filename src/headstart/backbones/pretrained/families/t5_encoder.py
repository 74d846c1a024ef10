"""The encoder of T5 and mT5.

Raffel et al., JMLR 2020, arXiv:1910.10683; mT5: arXiv:2010.11934
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from torch import nn

from headstart.backbones.pretrained.families.bert_like import small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import key_terms
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import (
    first,
    layer_count,
    norm_stage,
    numbers_and_segments,
    pool_stage,
    remembered,
)
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin

TABLE = "model.block.0.layer.0.SelfAttention.relative_attention_bias"
TINY = {"vocab_size": 50, "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    model: Any = network.get_submodule("model")
    tokens = numbers_and_segments(network, boundary)["input_ids"]
    return Boundary(model.dropout(model.embed_tokens(tokens)), boundary.mask)


def _block(number: int, network: nn.Module, boundary: Boundary) -> Boundary:
    attention: Any = network.get_submodule("model.block.0.layer.0.SelfAttention")
    boundary, attended = remembered(boundary, "attention", key_terms)
    length = boundary.values.shape[1]
    boundary, distance = remembered(boundary, "distance", lambda _: attention.compute_bias(length, length))
    block: Any = network.get_submodule(f"model.block.{number}")
    return replace(boundary, values=first(block(boundary.values, attended, distance)))


class T5EncoderFamily(TextFamily):
    """embeddings, one stage per block, norm, pool. The table of distances is the first block's; all read it."""

    model_types = frozenset({"t5", "mt5"})
    small = (
        small("t5", {**TINY, "is_encoder_decoder": True}),
        small("mt5", {**TINY, "is_encoder_decoder": True, "feed_forward_proj": "gated-gelu"}),
    )

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """Every block attends to every token."""
        blocks = (
            Stage(f"layers.{number}", (f"model.block.{number}",), partial(_block, number), (TABLE,) if number else ())
            for number in range(layer_count(network, "model.block"))
        )
        norm = norm_stage("model.final_layer_norm", "model.dropout")
        return (Stage("embeddings", ("model.embed_tokens",), _embed), *blocks, norm, pool_stage())


PLUGIN = Plugin(build=T5EncoderFamily, paper="arXiv:1910.10683", modality="text", extra="text")
