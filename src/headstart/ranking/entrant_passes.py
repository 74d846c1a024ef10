"""What a pass computes of one network for a ranking: the whole, its twin with random weights, averaged stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.run_folder import RunFolder
from headstart.features.lanes import Lane
from headstart.features.network_in_pass import NetworkInPass, Workshop, averaged_space, precisions_of
from headstart.features.networks import NO_MODEL
from headstart.features.timings import Timed
from headstart.ranking.entrants import Entrant

if TYPE_CHECKING:
    from headstart.backbones.pretrained.backbone import Backbone
    from headstart.engine.activations.address import Space
    from headstart.engine.feature_pass import Extraction
    from headstart.runtimes.choice import RuntimeChoice


@dataclass
class Wanted:
    """An entrant in a pass.

    Attributes:
        prepare: Makes its function, to time it where the pass did not.
        timed: Functions in the pass whose seconds are its own.
        extractions: What the pass must do for it: nothing, when all is kept.
    """

    entrant: Entrant
    space: Space
    choice: RuntimeChoice
    prepare: Callable[[], Any]
    timed: list[Timed] = field(default_factory=list)
    extractions: list[Extraction] = field(default_factory=list)


def whole_networks(
    group: Sequence[Entrant], lane: Lane, workshop: Workshop, folder: RunFolder, like: RuntimeChoice | None = None
) -> list[Wanted]:
    """The network's own features, and those of its twin with random weights.

    ``like`` is the runtime that was chosen for the same network at another size.
    """
    every = np.ones(len(lane.keys), bool)
    found: list[Wanted] = []
    for one in sorted(group, key=lambda each: each.kind):  # the pretrained one first: its twin is run alike
        if one.boundary is not None:
            continue
        role: Any = "backbone" if one.kind == "pretrained" else "twin"
        there = NetworkInPass(role, lane, workshop, folder, every, like)
        like = there.choice
        each = Wanted(one, there.space, there.choice, _preparation(there.choice, lane, role, workshop))
        for extraction in there.extractions():
            each.timed.append(Timed(extraction.compute))
            each.extractions.append(replace(extraction, compute=each.timed[-1]))
        found.append(each)
    return found


def _preparation(choice: RuntimeChoice, lane: Lane, role: str, workshop: Workshop) -> Callable[[], Any]:
    def prepare() -> Any:
        network = lane.network
        module = network.backbone if role == "backbone" else network.twin
        return choice.prepare(module, 0, len(network.card.stages), workshop.cache)

    return prepare


def stages(group: Sequence[Entrant], lane: Lane, workshop: Workshop) -> list[Wanted]:
    """Averaged outputs of stages, of the pretrained network and of its twin."""
    found: list[Wanted] = []
    for kind in ("pretrained", "random"):
        some = sorted((one for one in group if one.boundary and one.kind == kind), key=lambda one: one.boundary or 0)
        if some:
            backbone = lane.network.backbone if kind == "pretrained" else lane.network.twin
            found += _stages_of(some, backbone, lane, workshop)
    return found


def _stages_of(some: Sequence[Entrant], backbone: Backbone, lane: Lane, workshop: Workshop) -> list[Wanted]:
    """Of one network, the stages in order."""
    from headstart.engine.feature_pass import Extraction
    from headstart.engine.pooled_stages import PooledStages

    choice = _stage_runtime(workshop, lane.modality)
    found = [_kept_stage(one, backbone, lane, workshop, choice) for one in some]
    missing = {int(each.entrant.boundary or 0): workshop.store.missing(each.space, lane.keys) for each in found}
    todo = [boundary for boundary, rows in missing.items() if rows.any()]
    pooled = PooledStages(backbone, todo, choice, workshop.cache) if todo else None
    before: list[Timed] = []
    for each in found:
        boundary = int(each.entrant.boundary or 0)
        if pooled and boundary in todo:
            timed = Timed(pooled.at(boundary))
            each.timed = [timed, *before]  # what runs up to an earlier stage is part of it
            before.append(timed)
            name = f"{each.entrant.kind} {each.entrant.stage}"
            each.extractions.append(Extraction(name, each.space, pooled.width(boundary), timed, missing[boundary]))
    return found


def _kept_stage(one: Entrant, backbone: Backbone, lane: Lane, workshop: Workshop, choice: RuntimeChoice) -> Wanted:
    boundary = int(one.boundary or 0)

    def prepare() -> Any:
        from headstart.engine.pooled_stages import PooledStages

        return PooledStages(backbone, [boundary], choice, workshop.cache).at(boundary)

    return Wanted(one, _stage_space(backbone, boundary, lane, choice), choice, prepare)


def _stage_runtime(workshop: Workshop, modality: str) -> RuntimeChoice:
    """The one that was named, else PyTorch: no graph is made for a stage that is only looked at."""
    from headstart.runtimes.choice import available, settled

    asked = dict(workshop.runtime)
    if asked.get("name", "auto") not in ("auto", NO_MODEL):
        precision = asked.get("precision") or precisions_of(asked["name"])[0]
        return settled(asked["name"], precision, workshop.threads, reason="named by the user")

    usable = [name for (name, _), found in available(workshop.device, modality).items() if not isinstance(found, str)]
    liked = ("cuda", "channels_last", "eager") if modality == "image" else ("cuda", "eager")
    name = next(each for each in liked if each in usable)
    return settled(name, "float32", workshop.threads, reason="of a stage, in PyTorch")


def _stage_space(backbone: Backbone, boundary: int, lane: Lane, choice: RuntimeChoice) -> Space:
    from headstart.engine.activations.address import network_space

    packed = network_space(
        name=backbone.name,
        weights_digest=backbone.weights_digest(boundary),
        stage=boundary,
        preparer_address=lane.network.preparer.address(),
        runtime=choice.address(),
    )
    return averaged_space(packed)
