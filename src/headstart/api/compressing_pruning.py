"""Pruned ways of a compression: inner channels and heads taken away from the sizes and depths that pay."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.compression.points import front

if TYPE_CHECKING:
    from headstart.api.compressing_bench import Made, Workbench
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.compression.asked import Asked

logger = logging.getLogger(__name__)
SHARES = (0.8, 0.6)  # of what inner channels cost that are tried
MOST = 2  # ways that are pruned
LOOKED_AT = 64  # inputs from which units are chosen and readers solved
AT_ONCE = 16  # of them in a batch


def pruned_ways(work: Workbench, base: Made, found: Sequence[Made], asked: Asked) -> list[Made]:
    """The fastest ways that are good enough, pruned and measured; what cannot be pruned is written down.

    Args:
        work: That measures.
        base: The model as it is.
        found: Ways in float that were measured.
        asked: By the user.
    """
    by_name = {each.point.name: each for each in [base, *found]}
    fastest = front([each.point for each in by_name.values()], base.point)
    good = [by_name[point.name] for point in fastest if point.drop <= asked.max_drop][:MOST]
    made: list[Made] = []
    work.progress.step("prune", len(good) * len(SHARES))
    for each in good:
        with work.skipping(replace(each.knobs, pruned=SHARES[0])):
            made += _pruned(work, base, each, asked.max_drop)
    return made


def _pruned(work: Workbench, base: Made, way: Made, max_drop: float) -> list[Made]:
    """Share after share, until one loses too much at a first look."""
    from headstart.api.compressing_floats import NEAR
    from headstart.api.compressing_measuring import alike, measured
    from headstart.compression.pruning.pruned import pruned
    from headstart.methods.threads import torch_threads

    made: list[Made] = []
    if work.is_late:
        return made
    groups = alike(work.prepared(way.backbone, LOOKED_AT))
    batches = [np.stack(group[low : low + AT_ONCE]) for group in groups for low in range(0, len(group), AT_ONCE)]
    with torch_threads(work.threads):
        for share, backbone in pruned(way.backbone, batches, SHARES):
            work.progress.advance()
            knobs = replace(way.knobs, pruned=share)
            work.narrow[knobs] = backbone
            lost = work.looked[knobs] = _looked(work, base, backbone)
            logger.info("%s: %.2f points lost", knobs.name(work.modality), lost)
            if lost > max_drop + NEAR or work.is_late:
                break
            made.append(measured(work, base, knobs, backbone))
    return made


def _looked(work: Workbench, base: Made, backbone: Backbone) -> float:
    """Points that it loses at a first look."""
    from headstart.api.compressing_measuring import exported

    features = work.features(backbone, exported(backbone), work.target.precision, work.dataset)
    _, difference = work.bench.compared(work.bench.glanced(features, base.strength))
    return -base.point.unit * float(difference["value"] or 0.0)
