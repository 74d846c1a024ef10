"""DeBERTa, versions 2 and 3: attention by content and by distance.

He, Liu, Gao & Chen, ICLR 2021, arXiv:2006.03654; version 3: arXiv:2111.09543
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from headstart.backbones.pretrained.families.bert_like import TINY, small
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import tokens_there
from headstart.backbones.pretrained.text.family import TextFamily
from headstart.backbones.pretrained.text.stages import (
    first,
    layer_count,
    numbers_and_segments,
    pool_stage,
    remembered,
)
from headstart.core.boundary import Boundary
from headstart.core.plugins import Plugin

TABLE = ("model.encoder.rel_embeddings", "model.encoder.LayerNorm")
DISTANCES = {
    "relative_attention": True,
    "position_buckets": 8,
    "pos_att_type": ["p2c", "c2p"],
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "position_biased_input": False,
}


def _embed(network: nn.Module, boundary: Boundary) -> Boundary:
    given = numbers_and_segments(network, boundary)
    there = tokens_there(boundary).long()
    return Boundary(network.get_submodule("model.embeddings")(**given, mask=there), boundary.mask)


def _layer(number: int, network: nn.Module, boundary: Boundary) -> Boundary:
    encoder: Any = network.get_submodule("model.encoder")
    there = tokens_there(boundary).long()

    def both_there(one: Boundary) -> Tensor:
        terms: Tensor = encoder.get_attention_mask(there)
        return terms

    boundary, attended = remembered(boundary, "attention", both_there)
    before = boundary.values
    values = first(
        encoder.layer[number](
            before,
            attended,
            relative_pos=encoder.get_rel_pos(before),
            rel_embeddings=encoder.get_rel_embedding(),
        )
    )
    if number == 0 and encoder.conv is not None:
        values = encoder.conv(before, values, there)
    return replace(boundary, values=values)


class DebertaFamily(TextFamily):
    """embeddings (with the table of distances), one stage per layer, pool."""

    model_types = frozenset({"deberta-v2"})
    small = (
        small("deberta-v2", {**TINY, **DISTANCES, "type_vocab_size": 0}),
        small("deberta-v2", {**TINY, **DISTANCES, "type_vocab_size": 0, "conv_kernel_size": 3}),
    )

    def stages(self, network: nn.Module) -> tuple[Stage, ...]:
        """The table belongs to the embeddings, a convolution over tokens, where there is one, to the first layer."""
        layers = (
            Stage(
                f"layers.{number}",
                (f"model.encoder.layer.{number}", *(("model.encoder.conv",) if number == 0 else ())),
                partial(_layer, number),
                TABLE,
            )
            for number in range(layer_count(network, "model.encoder.layer"))
        )
        return (Stage("embeddings", ("model.embeddings", *TABLE), _embed), *layers, pool_stage())


PLUGIN = Plugin(build=DebertaFamily, paper="arXiv:2006.03654", modality="text", extra="text")
