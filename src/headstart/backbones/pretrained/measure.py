"""What an architecture costs: counted on a network without storage, so that nothing is computed and nothing drawn."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from headstart.backbones.pretrained.family import family, find_family
from headstart.backbones.pretrained.network import build
from headstart.backbones.pretrained.stage import own_features
from headstart.core.resources import MIB

logger = logging.getLogger(__name__)


def measure(architecture: str, options: Mapping[str, Any], image_size: tuple[int, int]) -> dict[str, Any]:
    """The fields of a card that follow from the architecture: family, parameters, flops, size_mib, feature_dim, stages.

    FLOPs are those of one picture of ``image_size``: convolutions, matrix products and attention, a multiply-add
    counted as 2; None where the architecture cannot be run without storage.
    """
    network = build(architecture, options, "meta")
    name = find_family(network, architecture)
    tensors = [*network.parameters(), *network.buffers()]
    flops, feature_dim = _count(network, image_size)
    return {
        "family": name,
        "parameters": sum(value.numel() for value in network.parameters()),
        "flops": flops,
        "size_mib": round(sum(value.numel() * value.element_size() for value in tensors) / MIB, 1),
        "feature_dim": feature_dim,
        "stages": [stage.name for stage in family(name).stages(network)],
    }


def _count(network: torch.nn.Module, image_size: tuple[int, int]) -> tuple[int | None, int]:
    picture = torch.empty((1, 3, *image_size), device="meta")
    counter = FlopCounterMode(display=False)
    try:
        with torch.inference_mode(), counter:
            features = own_features(network, picture)
        return counter.get_total_flops(), features.shape[-1]
    except (RuntimeError, NotImplementedError) as error:
        logger.info("could not count the operations of %s: %s", type(network).__name__, error)
        return None, int(network.head_hidden_size)  # type: ignore[arg-type]  # every timm network has it


def has_fixed_size(architecture: str, options: Mapping[str, Any]) -> bool:
    """Whether the network is built for one picture size (its tensors depend on it, as position terms do)."""
    settings = build(architecture, options, "meta").pretrained_cfg
    return bool(settings.get("fixed_input_size"))  # type: ignore[union-attr, operator]  # a dict, set by timm
