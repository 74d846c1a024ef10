"""What an architecture costs: counted on a network without storage, so that nothing is computed and nothing drawn."""

from __future__ import annotations

import copy
import functools
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from headstart.backbones.pretrained.family import Family, family
from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.stage import Stage
from headstart.backbones.pretrained.timm_family import find_family
from headstart.core.boundary import Boundary
from headstart.core.resources import MIB

logger = logging.getLogger(__name__)
KEPT = 64  # architectures at one size whose counts are remembered


def measure(architecture: str, options: Mapping[str, Any], image_size: tuple[int, int]) -> dict[str, Any]:
    """What :func:`measured` says of a timm network, with its family; FLOPs are of one picture of ``image_size``."""
    return copy.deepcopy(_measured_once(architecture, json.dumps(options, sort_keys=True), tuple(image_size)))


@functools.lru_cache(KEPT)
def _measured_once(architecture: str, options: str, image_size: tuple[int, int]) -> dict[str, Any]:
    """Counting takes a fifth of a second, and one process may ask for a network again and again."""
    network = build(architecture, json.loads(options), "meta")
    name = find_family(network, architecture)
    boundary = Boundary(torch.empty((1, 3, *image_size), device="meta"))
    return {"family": name, **measured(family(name), network, boundary)}


def measured(described: Family, network: nn.Module, boundary: Boundary) -> dict[str, Any]:
    """The fields of a card that follow from the architecture: parameters, flops, size_mib, feature_dim, stages.

    FLOPs are those of ``boundary`` (boundary 0 of one input): convolutions, matrix products and attention, a
    multiply-add counted as 2; None where the architecture cannot be run without storage.
    """
    tensors = [*network.parameters(), *network.buffers()]
    flops, feature_dim = _count(described, network, boundary)
    return {
        "parameters": sum(value.numel() for value in network.parameters()),
        "flops": flops,
        "size_mib": round(sum(value.numel() * value.element_size() for value in tensors) / MIB, 1),
        "feature_dim": feature_dim,
        "stages": [stage.name for stage in described.stages(network)],
    }


def _count(described: Family, network: nn.Module, boundary: Boundary) -> tuple[int | None, int]:
    flops, reached = counted(network, described.stages(network), boundary)
    return flops, described.width(network) if reached is None else reached.values.shape[-1]


def counted(network: nn.Module, stages: Sequence[Stage], boundary: Boundary) -> tuple[int | None, Boundary | None]:
    """FLOPs of stages run one after another, and what they give; None where they cannot be run without storage."""
    try:
        with counting(network) as counter:
            for stage in stages:
                boundary = stage.apply(network, boundary)
        return counter.get_total_flops(), boundary
    except (RuntimeError, NotImplementedError) as error:
        logger.info("could not count the operations of %s: %s", type(network).__name__, error)
        return None, None


@contextmanager
def counting(network: nn.Module) -> Iterator[FlopCounterMode]:
    """Count the operations of what runs inside, without gradients; ``get_total_flops()`` tells them afterwards.

    The counter hooks every tensor that has a gradient, and cannot hook a view of a parameter that was made without one
    (the query of an attention pooling); so the parameters have none in the meantime.
    """
    trained = [value for value in network.parameters() if value.requires_grad]
    for value in trained:
        value.requires_grad_(False)
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:  # inference mode has no tensors to hook at all
            yield counter
    finally:
        for value in trained:
            value.requires_grad_(True)


def has_fixed_size(architecture: str, options: Mapping[str, Any]) -> bool:
    """Whether the network is built for one picture size (its tensors depend on it, as position terms do)."""
    settings = build(architecture, options, "meta").pretrained_cfg
    return bool(settings.get("fixed_input_size"))  # type: ignore[union-attr, operator]  # a dict, set by timm
