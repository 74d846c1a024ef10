"""Building a timm network without a classifier, and filling it with weights, completely or not at all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import timm
import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.family import ROOM
from headstart.backbones.pretrained.source import Weights
from headstart.core import plugins
from headstart.core.errors import ConfigError, ShapeError, choice_message

logger = logging.getLogger(__name__)

TRAINING_ONLY = ("AuxLogits",)  # Inception's auxiliary classifier: used while pretraining, in some of its weight files


def build(architecture: str, options: Mapping[str, Any], device: str = "cpu") -> nn.Module:
    """The architecture without its classifier, in eval mode; on "meta" it has shapes and no storage.

    Raises:
        ConfigError: timm has no such architecture, or it does not take these options.
    """
    if not _is_known(architecture):
        raise ConfigError(choice_message("architecture", architecture, timm.list_models()))
    try:
        with torch.device(device):
            network = timm.create_model(architecture, pretrained=False, num_classes=0, **options)
    except TypeError as error:
        raise ConfigError(
            f"options of {architecture} must be arguments it takes; got {dict(options)} ({error})."
        ) from None
    return network.eval()


def _is_known(architecture: str) -> bool:
    """Whether timm builds it. Families of other packages register networks of their own when they are imported."""
    if timm.is_model(architecture):
        return True
    for name in plugins.names(ROOM):
        plugins.load(ROOM, name)
    return bool(timm.is_model(architecture))


def build_with(architecture: str, options: Mapping[str, Any], weights: Weights) -> nn.Module:
    """The architecture filled with weights, in eval mode, float32.

    The network is laid out without storage and takes the tensors as they were read: drawing random weights that are
    overwritten at once would cost several times as much. A network that also has tensors which are computed, not
    saved, is built a second time with storage.

    Raises:
        ShapeError: the weights are those of another architecture; the message names the first differences.
    """
    network = build(architecture, options, "meta")
    tensors = {name: _float32(value) for name, value in _matched(network, weights).items()}
    network.load_state_dict(tensors, strict=True, assign=True)
    if any(value.is_meta for value in [*network.parameters(), *network.buffers()]):
        network = build(architecture, options)
        network.load_state_dict(tensors, strict=True)
    return network


def _float32(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _matched(network: nn.Module, weights: Weights) -> dict[str, Tensor]:
    """The tensors under the network's names, complete and with its shapes."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    if weights.match == "order":
        return _by_order(wanted, weights.tensors)
    tensors = dict(weights.tensors)
    if _differences(wanted, tensors) and (convert := _converter(network)):
        tensors = convert(tensors, network)  # older names, or position terms of another picture size
    if differences := _differences(wanted, tensors):
        raise ShapeError(_message(differences))
    if unknown := [name for name in tensors if name not in wanted and not _dispensable(name, network)]:
        raise ShapeError(_message([f"{name}: not part of it" for name in unknown]))
    return {name: tensors[name] for name in wanted}


def _by_order(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Pair tensors with the network's in order; what is left over must be one classifier's weight and bias."""
    values = list(tensors.values())
    paired = dict(zip(wanted, values, strict=False))
    left_over = [tuple(value.shape) for value in values[len(wanted) :]]
    is_classifier = len(left_over) == 2 and len(left_over[0]) == 2 and left_over[0][:1] == left_over[1]
    differences = _differences(wanted, paired)
    if differences or not is_classifier:
        raise ShapeError(_message(differences or [f"left over: {left_over}"]))
    return paired


def _differences(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Tensor]) -> list[str]:
    missing = [f"{name}: missing" for name in wanted if name not in tensors]
    return missing + [
        f"{name}: {tuple(tensors[name].shape)} instead of {shape}"
        for name, shape in wanted.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]


def _converter(network: nn.Module) -> Any:
    """The reader that timm has for older forms of these weights, for architectures that need one."""
    return getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)


def _dispensable(name: str, network: nn.Module) -> bool:
    classifier: str | Iterable[str] | None = network.pretrained_cfg.get("classifier")  # type: ignore[union-attr, operator]  # set by timm
    heads = [classifier] if isinstance(classifier, str) else list(classifier or [])
    return any(name.startswith(f"{head}.") for head in [*heads, *TRAINING_ONLY])


def _message(differences: list[str]) -> str:
    more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
    return (
        "the weights must be those of this architecture; they differ in "
        f"{'; '.join(differences[:3])}{more}. Name the architecture they were trained with."
    )
