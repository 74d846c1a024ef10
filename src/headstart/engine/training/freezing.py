"""How much of a network stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.core.errors import StageError

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone


def boundary_of(backbone: Backbone, freeze: int | str) -> int:
    """The boundary of a setting: ``freeze=3`` freezes three stages, ``freeze=layer3`` up to and including it.

    Raises:
        StageError: no such stage, or nothing would be left to train.
    """
    boundary = backbone.stage_index(freeze)
    if not backbone.parameters_of(boundary, len(backbone.stages)):
        raise StageError(
            f"something must be left to train; freezing {freeze!r} leaves no parameters of {backbone.name}, whose "
            f"stages are {list(backbone.stages)}. Freeze fewer, or use the method linear_probe."
        )
    return boundary


def deepest(backbone: Backbone) -> int:
    """The last boundary that leaves something to train."""
    counts = parameters_by_stage(backbone)
    return max(number for number, count in enumerate(counts) if count)


def parameters_by_stage(backbone: Backbone) -> list[int]:
    """Numbers of parameters of each stage."""
    return [
        sum(value.numel() for value in backbone.parameters_of(number, number + 1))
        for number in range(len(backbone.stages))
    ]
