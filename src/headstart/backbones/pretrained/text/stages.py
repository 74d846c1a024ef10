"""Pieces that stages of text networks are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.text.attention import tokens_there
from headstart.core.boundary import Boundary

Terms = Callable[[Boundary], Tensor]


def numbers_and_segments(network: nn.Module, boundary: Boundary) -> dict[str, Tensor]:
    """What the library calls ``input_ids`` and, for networks that tell segments apart, ``token_type_ids``.

    Both are ``(B, T)`` int64, as the boundary's token numbers are. Padded positions hold the network's own padding
    token, by which some of them count positions.
    """
    config: Any = network.config
    there = tokens_there(boundary)
    padding = torch.full_like(boundary.values, getattr(config, "pad_token_id", None) or 0)
    given = {"input_ids": torch.where(there, boundary.values, padding)}
    kinds = getattr(config, "type_vocab_size", None) or 0
    if kinds > 1 and "segments" in boundary.extras:
        given["token_type_ids"] = boundary.extras["segments"].clamp_max(kinds - 1)
    return given


def remembered(boundary: Boundary, key: str, compute: Terms) -> tuple[Boundary, Tensor]:
    """A term that all layers add, computed by the first one that runs; the same bits wherever that is.

    It has the shape that ``compute`` gives.
    """
    if key not in boundary.extras:
        boundary = replace(boundary, extras={**boundary.extras, key: compute(boundary)})
    return boundary, boundary.extras[key]


def first(output: Any) -> Tensor:
    """A layer's values ``(B, T, C)``; some layers return them with other things."""
    values: Tensor = output[0] if isinstance(output, tuple) else output
    return values


def attending_layer(name: str, place: str, terms: Terms, *reads: str) -> Stage:
    """A layer that is called with values and attention terms, ``place`` its module."""
    return Stage(name, (place,), partial(_attending, place, terms), reads)


def _attending(place: str, terms: Terms, network: nn.Module, boundary: Boundary) -> Boundary:
    boundary, added = remembered(boundary, "attention", terms)
    layer: Any = network.get_submodule(place)
    return replace(boundary, values=first(layer(boundary.values, attention_mask=added)))


def norm_stage(*places: str) -> Stage:
    """The last norm (and what else follows one after another, token by token)."""
    return Stage("norm", places, partial(_in_order, places))


def _in_order(places: tuple[str, ...], network: nn.Module, boundary: Boundary) -> Boundary:
    values = boundary.values
    for place in places:
        values = network.get_submodule(place)(values)
    return replace(boundary, values=values)


def pool_stage() -> Stage:
    """The last one: ``(B, T, C)`` to ``(B, D)``."""
    return Stage("pool", ("pool",), _pool)


def _pool(network: nn.Module, boundary: Boundary) -> Boundary:
    return Boundary(network.get_submodule("pool")(boundary.values, tokens_there(boundary)))


def layer_count(network: nn.Module, place: str) -> int:
    """How many modules a list of layers holds."""
    return len(list(network.get_submodule(place).children()))
