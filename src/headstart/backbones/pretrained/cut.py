"""A network cut after a stage: what comes later is dropped, and the stage's averaged output is the features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from headstart.backbones.pretrained.stage import Stage
from headstart.core.boundary import Boundary

AVERAGE = "average"  # name of the stage that takes the place of what was dropped


def cut_network(network: nn.Module, stages: Sequence[Stage], last: str, *, is_map: bool) -> tuple[Stage, ...]:
    """Drop from a network what comes after a stage; the stages that are left, and one that averages.

    Modules are replaced by ones that do nothing, so that lists of modules keep their numbers, and tensors are gone.
    """
    number = [stage.name for stage in stages].index(last) + 1
    for stage in stages[number:]:
        for place in stage.owns:
            _drop(network, place)
    return (*stages[:number], Stage(AVERAGE, (), partial(_average, is_map)))


def _drop(network: nn.Module, place: str) -> None:
    owner_place, _, name = place.rpartition(".")
    try:
        owner = network.get_submodule(owner_place)
    except AttributeError:
        return  # stages name everything that a member of their family may have
    value = getattr(owner, name, None)
    if isinstance(value, nn.Module):
        setattr(owner, name, nn.Identity())
    elif isinstance(value, Tensor):
        setattr(owner, name, None)


def _average(is_map: bool, network: nn.Module, boundary: Boundary) -> Boundary:
    values = averaged(boundary.values, boundary.mask, is_map=is_map)
    return replace(boundary, values=values, mask=None, extras={})


def averaged(values: Tensor, mask: Tensor | None, *, is_map: bool) -> Tensor:
    """``(B, C)`` of what a stage gives: over height and width of maps ``(B, C, H, W)``, else over all between.

    Args:
        values: ``(B, ...)``.
        mask: ``(B, T)``: positions that count; None: all.
        is_map: Whether four axes are a map, channels second.
    """
    if values.ndim <= 2:
        return values
    if is_map and values.ndim == 4:
        return values.contiguous().mean((2, 3))  # the sums are in the same order, however the map lies in memory
    axes = tuple(range(1, values.ndim - 1))
    if mask is None:
        return values.mean(axes)
    there = mask.reshape(*mask.shape, *[1] * (values.ndim - mask.ndim))
    total = torch.where(there, values, torch.zeros_like(values)).sum(axes)
    count: Any = mask.sum(1, keepdim=True).to(values.dtype)
    for size in values.shape[2:-1]:
        count = count * size
    mean: Tensor = total / count
    return mean
